namespace Sandbox.Twilio.Line;

/// <summary>One thing that a person says: so long after the stream began, or when the line has been silent so long after something was heard.</summary>
internal sealed record SpeechCue
{
    public double? AfterSeconds { get; init; }
    public double? AfterSilence { get; init; }
    public double Seconds { get; init; } = Person.Utterance;

    /// <summary>The person's own when it is missing.</summary>
    public double? ToneHz { get; init; }

    /// <summary>A WAV in base64, 8 kHz, one channel, 16 bits or µ-law; instead of a tone.</summary>
    public string? Wav { get; init; }
}

/// <summary>How the other end of the next call behaves; used up by one.</summary>
internal sealed record PersonScript
{
    /// <summary>Only calls to or from this number; any when both are missing.</summary>
    public string? To { get; init; }
    public string? From { get; init; }
    public int Times { get; init; } = 1;

    public bool Silent { get; init; }
    public bool TalksAllTheTime { get; init; }
    public IReadOnlyList<SpeechCue>? Speaks { get; init; }
    public double? ToneHz { get; init; }

    /// <summary>Seconds of ringing, and of talking, by the sandbox's clock.</summary>
    public double? AnswersAfter { get; init; }
    public double? HangsUpAfterSeconds { get; init; }

    /// <summary>Cuts the socket after so many media frames.</summary>
    public int? DropsSocketAfterFrames { get; init; }

    /// <summary>Reads nothing more once the stream has started.</summary>
    public bool HalfOpen { get; init; }
    public bool SendsNoStart { get; init; }

    /// <summary>So many messages that are no frames, after the start.</summary>
    public int MalformedFrames { get; init; }

    /// <summary>An answering machine: speaks its text and then listens.</summary>
    public static PersonScript Machine { get; } = new() { Speaks = [new SpeechCue { AfterSeconds = 0.2, Seconds = 3 }] };

    public bool Fits(string to, string from) => (To is null || To == to) && (From is null || From == from);

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault()
    {
        if (Times is < 1 or > 100_000 || MalformedFrames is < 0 or > 10_000 || DropsSocketAfterFrames < 0)
        {
            return "times is between 1 and 100000, malformed_frames between 0 and 10000, drops_socket_after_frames at least 0.";
        }

        if (AnswersAfter is < 0 or > 600 || HangsUpAfterSeconds is < 0 or > 86_400 || ToneHz is < 50 or > 3900)
        {
            return "answers_after is between 0 and 600, hangs_up_after_seconds between 0 and 86400, tone_hz between 50 and 3900.";
        }

        foreach (var cue in Speaks ?? [])
        {
            if (cue is { AfterSeconds: not null, AfterSilence: not null } || cue.AfterSeconds < 0 || cue.AfterSilence < 0)
            {
                return "What is said has after_seconds or after_silence, at least 0; without both it follows at once.";
            }

            if (Speech.Fault(cue.Wav, cue.ToneHz, cue.Seconds) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }
}
