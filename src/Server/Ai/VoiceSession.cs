namespace Ledgerline.Ai;

/// <summary>A model that hears and speaks, in no provider's words. A second one is one more implementation of this file.</summary>
public interface IVoiceModel
{
    /// <summary>A session that is connected, has taken its settings, and waits for audio.</summary>
    /// <exception cref="ModelFailure">The provider refused, failed, or did not answer in time.</exception>
    Task<IVoiceSession> Open(VoiceOrder order, CancellationToken stop);
}

/// <summary>Who shall speak, and how.</summary>
/// <param name="Voice">In the provider's words.</param>
/// <param name="Instructions">Persona, prompt, and what the model should know.</param>
public sealed record VoiceOrder(string Voice, string Instructions)
{
    /// <summary>Null: the operator's.</summary>
    public string? Model { get; init; }

    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>What the person says is written down too.</summary>
    public bool Transcribes { get; init; }

    /// <summary>How the model tells that the person has finished; null: the operator's.</summary>
    public string? Turns { get; init; }

    /// <summary>The sessions' own end, in the provider's safety systems: a hash that names nobody.</summary>
    public string? SafetyId { get; init; }
}

/// <summary>
/// A conversation in speech: µ-law of 8 kHz in and out, as base64 that nobody on the way decodes. Everything that is sent keeps its order.
/// Nothing here waits for the network: who is slower than two seconds of audio loses the oldest.
/// </summary>
public interface IVoiceSession : IAsyncDisposable
{
    /// <summary>Who speaks, for the usage.</summary>
    string Model { get; }

    /// <summary>Pieces of audio that the connection was too slow for.</summary>
    long Dropped { get; }

    /// <param name="base64">Copied before this returns.</param>
    void Append(ReadOnlySpan<byte> base64);

    /// <summary>Something in the person's place, in text.</summary>
    /// <param name="answer">The model speaks to it, as soon as nobody else speaks.</param>
    void Ask(string text, bool answer = true);

    /// <summary>Something that only the model is told.</summary>
    /// <inheritdoc cref="Ask"/>
    void Note(string text, bool answer = false);

    /// <summary>So much of the item was heard, and no more will be.</summary>
    void Truncate(string item, long playedMs);

    /// <summary>What is still to come of the present answer is not wanted.</summary>
    void Discard();

    /// <summary>What a tool came to.</summary>
    /// <inheritdoc cref="Ask"/>
    void Result(string callId, string output, bool answer = true);

    /// <summary>Hears the session to its end. Once.</summary>
    Task<VoiceEnd> Run(IVoiceListener listener);
}

/// <summary>Hears a session, one thing after another, in order; while it has not finished with one no more is read.</summary>
public interface IVoiceListener
{
    /// <summary>The model speaks.</summary>
    /// <param name="item">What it is part of.</param>
    /// <param name="base64">Good until the task has ended.</param>
    ValueTask Audio(string item, ReadOnlyMemory<byte> base64);

    /// <summary>That was all of this item's audio.</summary>
    ValueTask AudioEnded(string item);

    /// <summary>The model begins to answer.</summary>
    void TurnStarted();

    /// <summary>The model has finished its answer, which may be long before it was heard.</summary>
    ValueTask TurnEnded();

    /// <summary>The person begins to speak.</summary>
    /// <param name="atMs">On the clock of the audio that was appended.</param>
    ValueTask SpeechStarted(string item, long atMs);

    void SpeechEnded(string item);

    /// <summary>What was said, by either side, once for each item.</summary>
    void Said(VoiceLine line);

    /// <summary>The same call may come twice.</summary>
    void Called(ToolCall call);

    void Used(VoiceUsage usage);
}

/// <summary>What one of the two said.</summary>
/// <param name="IsModel">Else the person.</param>
/// <param name="Previous">The item before it; null for the first, and where it is not known.</param>
public sealed record VoiceLine(bool IsModel, string Text, string Item, string? Previous);

/// <summary>How a session ended.</summary>
/// <param name="Reason">One of the constants.</param>
/// <param name="What">Safe to log.</param>
public sealed record VoiceEnd(string Reason, string What)
{
    /// <summary>We closed it.</summary>
    public const string Closed = "closed";

    /// <summary>The connection broke, or the provider ended it.</summary>
    public const string Lost = "lost";

    /// <summary>It is there, and does not speak although it was asked again.</summary>
    public const string Silent = "silent";

    /// <summary>The provider's own time was over.</summary>
    public const string Expired = "expired";

    /// <summary>The provider says no, and would say it again.</summary>
    public const string Refused = "refused";
}

/// <summary>
/// What one answer used, exactly as its provider counts it; the cached ones are part of the input, and the whole context is counted with
/// each answer. Of a transcription the same, by its own model.
/// </summary>
/// <param name="Id">The provider's, of the answer or the item: who hears it twice counts it once.</param>
public sealed record VoiceUsage(string Id, string Model)
{
    public bool IsTranscription { get; init; }
    public long TextInput { get; init; }
    public long AudioInput { get; init; }
    public long ImageInput { get; init; }
    public long CachedText { get; init; }
    public long CachedAudio { get; init; }
    public long CachedImage { get; init; }
    public long TextOutput { get; init; }
    public long AudioOutput { get; init; }

    /// <summary>Where a transcription is billed by its length.</summary>
    public decimal? Seconds { get; init; }

    /// <summary>Its parts do not add up to what the provider says they come to.</summary>
    public bool IsInconsistent { get; init; }

    /// <summary>Both together, under the first one's name.</summary>
    public static VoiceUsage operator +(VoiceUsage one, VoiceUsage other) => one with
    {
        TextInput = one.TextInput + other.TextInput,
        AudioInput = one.AudioInput + other.AudioInput,
        ImageInput = one.ImageInput + other.ImageInput,
        CachedText = one.CachedText + other.CachedText,
        CachedAudio = one.CachedAudio + other.CachedAudio,
        CachedImage = one.CachedImage + other.CachedImage,
        TextOutput = one.TextOutput + other.TextOutput,
        AudioOutput = one.AudioOutput + other.AudioOutput,
        Seconds = one.Seconds is null && other.Seconds is null ? null : (one.Seconds ?? 0) + (other.Seconds ?? 0),
        IsInconsistent = one.IsInconsistent || other.IsInconsistent,
    };
}
