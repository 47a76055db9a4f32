using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>
/// What the next answer of a session can cost, as far as it can be known before: everything that was said so far is heard again with
/// each answer. Pure; counts generously where the provider has not counted yet, and believes it once it has.
/// </summary>
internal sealed class RealtimeTally
{
    private const int HeardPerSecond = 10;
    private const int SpokenPerSecond = 20;

    // What may be said before more money is asked for: half a minute and its words.
    private const int OutputAtLeast = 30 * SpokenPerSecond;
    private const int TextAtLeast = 300;

    // Where nobody speaks: enough for a sentence that begins at once.
    private const long SilenceCounts = 30 * HeardPerSecond;

    // A session's clock.
    private const long LongestMs = 2 * 60 * 60 * 1000;

    // What no model hears or says at once. A provider that counts more counted something else.
    private const long LargestInput = 400_000;
    private const long LargestOutput = 100_000;

    private readonly Lock gate = new();
    private readonly string model;
    private VoiceUsage context;
    private long pendingText;
    private long pendingAudio;
    private long buffered;
    private long? speechFrom;
    private long? speechMs;
    private long spoken;
    private long spokenText;
    private int running;
    private bool isAsked;
    private (int In, int Out) bytesPerSecond = (48_000, 48_000);
    private bool detectsTurns = true;

    public RealtimeTally(string model) => (this.model, context) = (model, new VoiceUsage("", model));

    /// <summary>The provider makes an answer now.</summary>
    public bool IsAnswering
    {
        get
        {
            lock (gate)
            {
                return running > 0;
            }
        }
    }

    /// <summary>An answer is being made, or was asked for and the provider has not said whether it makes one.</summary>
    public bool MayAnswer
    {
        get
        {
            lock (gate)
            {
                return running > 0 || isAsked;
            }
        }
    }

    /// <summary>The least that must be held for the session to go on.</summary>
    public VoiceUsage AtLeast => Next(OutputAtLeast / 2, TextAtLeast / 2);

    /// <summary>What is held where there is enough.</summary>
    public VoiceUsage Wanted => Next(2 * OutputAtLeast, 2 * TextAtLeast);

    /// <summary>What was used by the answer that is cut off now, where the provider does not say any more.</summary>
    public VoiceUsage Estimated => Next(0, 0);

    public void Formats(int bytesPerSecondIn, int bytesPerSecondOut, bool detects)
    {
        lock (gate)
        {
            (bytesPerSecond, detectsTurns) = ((bytesPerSecondIn, bytesPerSecondOut), detects);
        }
    }

    /// <summary>Audio of the caller, not yet part of the conversation.</summary>
    public void Appended(long bytes)
    {
        lock (gate)
        {
            buffered += bytes * HeardPerSecond;
        }
    }

    /// <summary>Something the caller writes, or lets be known otherwise.</summary>
    public void Added(long text, long audioBytes = 0)
    {
        lock (gate)
        {
            pendingText += text;
            pendingAudio += audioBytes * HeardPerSecond / bytesPerSecond.In;
        }
    }

    public void SpeechStarted(long atMs)
    {
        lock (gate)
        {
            speechFrom = Math.Clamp(atMs, 0, LongestMs);
        }
    }

    public void SpeechStopped(long atMs)
    {
        lock (gate)
        {
            speechMs = speechFrom is { } from ? Math.Max(0, Math.Clamp(atMs, 0, LongestMs) - from) : null;
        }
    }

    /// <summary>What was appended is part of the conversation: as long as was spoken, where that was said.</summary>
    public void Committed()
    {
        lock (gate)
        {
            pendingAudio += speechMs is { } ms ? ms * HeardPerSecond / 1000 + 1 : buffered / bytesPerSecond.In + 1;
            (buffered, speechFrom, speechMs) = (0, null, null);
        }
    }

    public void Cleared()
    {
        lock (gate)
        {
            (buffered, speechFrom, speechMs) = (0, null, null);
        }
    }

    /// <summary>The caller wants an answer.</summary>
    public void Asked()
    {
        lock (gate)
        {
            isAsked = true;
        }
    }

    /// <summary>Something was refused, which may be that.</summary>
    public void Refused()
    {
        lock (gate)
        {
            isAsked = false;
        }
    }

    public void Began()
    {
        lock (gate)
        {
            isAsked = false;
            running++;
        }
    }

    public void Spoke(long bytes)
    {
        lock (gate)
        {
            spoken += bytes;
        }
    }

    public void Wrote(long letters)
    {
        lock (gate)
        {
            spokenText += TokenEstimate.Likely(letters);
        }
    }

    /// <summary>The provider has counted.</summary>
    /// <param name="used">Null where it has not: then what was counted here stands.</param>
    /// <param name="isAside">It was no part of the conversation.</param>
    /// <returns>What the answer used.</returns>
    public (VoiceUsage Used, bool IsEstimated) Ended(VoiceUsage? used, bool isAside)
    {
        lock (gate)
        {
            var believed = used is { } said && said.TextInput + said.AudioInput + said.ImageInput <= LargestInput && said.TextOutput + said.AudioOutput <= LargestOutput ? said : null;
            var counted = believed ?? NextLocked(0, 0);
            running = Math.Max(0, running - 1);
            (spoken, spokenText) = (0, 0);
            if (!isAside)
            {
                context = counted;
                (pendingText, pendingAudio) = (0, 0);
            }

            return (counted, believed is null);
        }
    }

    private VoiceUsage Next(long audio, long text)
    {
        lock (gate)
        {
            return NextLocked(audio, text);
        }
    }

    private VoiceUsage NextLocked(long audio, long text)
    {
        var waiting = buffered / bytesPerSecond.In;
        var heard = audio == 0 ? 0 : detectsTurns && speechFrom is null ? Math.Min(waiting, SilenceCounts) : waiting;
        return new VoiceUsage("", model)
        {
            TextInput = context.TextInput + context.TextOutput + pendingText,
            AudioInput = context.AudioInput + context.AudioOutput + pendingAudio + heard,
            ImageInput = context.ImageInput,
            // What it knew the last time it knows the next time.
            CachedText = context.CachedText,
            CachedAudio = context.CachedAudio,
            CachedImage = context.CachedImage,
            TextOutput = spokenText + text,
            AudioOutput = spoken * SpokenPerSecond / bytesPerSecond.Out + audio,
        };
    }
}
