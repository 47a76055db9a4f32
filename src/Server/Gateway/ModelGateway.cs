using Ledgerline.Ai;
using Ledgerline.Plans;
using Ledgerline.Providers.Gemini;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>The one door to paid models. Who wants through shows an authorization, and each one opens it once.</summary>
public sealed class ModelGateway
{
    private readonly OpenAiTranscriber transcriber;
    private readonly OpenAiAudio audio;
    private readonly OpenAiChat openAi;
    private readonly GeminiChat gemini;
    private readonly OpenAiRealtime voice;
    private readonly ModelCatalog catalog;
    private readonly OpenAiSocket sockets;

    internal ModelGateway(OpenAiAudio audio, OpenAiChat openAi, GeminiChat gemini, OpenAiRealtime voice, ModelCatalog catalog, OpenAiSocket sockets) =>
        (this.audio, transcriber, this.openAi, this.gemini, this.voice, this.catalog, this.sockets) =
            (audio, new OpenAiTranscriber(audio), openAi, gemini, voice, catalog, sockets);

    /// <exception cref="ModelFailure">There is no transcript: release the authorization.</exception>
    public async Task<Transcript> Transcribe(Authorization authorization, Recording recording, CancellationToken stop)
    {
        var use = authorization.Spend();
        var order = new TranscriptionOrder(use.Model, recording.Audio, recording.FileName, recording.ContentType, recording.Language);
        var transcript = await transcriber.Transcribe(order, stop);
        Believe(transcript.Consumption, use);
        return transcript;
    }

    /// <summary>The provider's own answer, for callers who speak its protocol themselves; what it measured is believed by <see cref="Believe"/> only.</summary>
    /// <param name="path">One of the provider's audio addresses.</param>
    /// <param name="fields">All but the model, which is the one that was paid for.</param>
    /// <exception cref="ModelFailure">There is no answer, or a refusal: release the authorization.</exception>
    internal async Task<OpenAiAnswer> PassThrough(
        Authorization authorization, string path, IEnumerable<KeyValuePair<string, string>> fields, Recording recording, TimeSpan patience, CancellationToken stop)
    {
        var model = new KeyValuePair<string, string>("model", authorization.Spend().Model);
        var order = new OpenAiAudioOrder(path, fields.Prepend(model), recording.Audio, recording.FileName, recording.ContentType, patience);
        return await Successful(await audio.Ask(order, stop));
    }

    /// <summary>The answer as it is written, by the model that was paid for and no longer than that.</summary>
    /// <inheritdoc cref="IChatModel.Stream"/>
    public IAsyncEnumerable<ChatPiece> Chat(TokenAuthorization authorization, ChatOrder order, CancellationToken stop)
    {
        var use = authorization.Spend();
        var most = (int)Math.Min(order.MostTokens ?? int.MaxValue, Math.Min(use.MostOutputTokens, int.MaxValue));
        return By(use.Model).Stream(order with { Model = use.Model, MostTokens = most }, stop);
    }

    /// <summary>The answer as it is written, where an allowance pays for the message.</summary>
    /// <inheritdoc cref="IChatModel.Stream"/>
    /// <exception cref="InvalidOperationException">The allowance is for something else.</exception>
    public IAsyncEnumerable<ChatPiece> Chat(AllowanceAuthorization authorization, ChatOrder order, CancellationToken stop)
    {
        var use = authorization.Spend();
        return use.Want.Service == UsedService.ChatMessage
            ? By(order.Model).Stream(order, stop)
            : throw new InvalidOperationException($"An allowance for {use.Want.Service} pays for no chat.");
    }

    /// <summary>A conversation in speech, where an allowance pays for the call. A session that takes over from another shows a resumed authorization.</summary>
    /// <inheritdoc cref="IVoiceModel.Open"/>
    /// <exception cref="InvalidOperationException">The allowance is for something else.</exception>
    public Task<IVoiceSession> Voice(AllowanceAuthorization authorization, VoiceOrder order, CancellationToken stop)
    {
        var use = authorization.Spend();
        return use.Want.Service == UsedService.VoiceCall
            ? voice.Open(order, stop)
            : throw new InvalidOperationException($"An allowance for {use.Want.Service} pays for no call.");
    }

    /// <summary>OpenAI's own answer to a body that a caller wrote, with the model in it that was paid for.</summary>
    /// <exception cref="ModelFailure">There is no answer, or a refusal: release the authorization.</exception>
    internal async Task<OpenAiAnswer> PassThrough(TokenAuthorization authorization, byte[] body, ChatPatience patience, CancellationToken stop)
    {
        authorization.Spend();
        return await Successful(await openAi.Ask(body, patience, stop));
    }

    /// <summary>OpenAI's own session with the model that was paid for, for callers who speak its protocol themselves. What it uses later needs money of its own.</summary>
    /// <exception cref="ModelFailure">There is none: release the authorization.</exception>
    internal Task<TextSocket> Converse(VoiceAuthorization authorization, CancellationToken stop) => sockets.Converse(authorization.Spend().Model, stop);

    /// <summary>
    /// A provider rounds up, counts silence that a container only announces, or has a least charge; so it may well say more than we
    /// decoded. Beyond twice our length and ten minutes it measured something else, and nobody shall owe money for that.
    /// </summary>
    /// <exception cref="ModelFailure">It is no measure of this recording.</exception>
    internal static void Believe(Consumption consumption, AudioUse use)
    {
        var (billed, measured, _) = consumption;
        if (Beyond(billed) || Beyond(measured))
        {
            throw new ModelFailure(
                ModelFailure.Upstream, $"The provider measured {billed ?? measured} s where {use.Seconds} s were decoded: that is no measure of this recording.");
        }

        bool Beyond(decimal? seconds) => seconds > 2 * use.Seconds + 600;
    }

    private IChatModel By(string model) => catalog.ProviderOf(model) == ModelProvider.Gemini ? gemini : openAi;

    private static async Task<OpenAiAnswer> Successful(OpenAiAnswer answer)
    {
        if (answer.IsSuccess)
        {
            return answer;
        }

        using (answer)
        {
            throw await answer.Failure();
        }
    }
}
