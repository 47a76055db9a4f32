namespace Sandbox.Twilio.Line;

/// <summary>What was heard and said in one call, and what went over its sockets.</summary>
internal sealed class CallSound
{
    /// <summary>What the person heard, and what the person said.</summary>
    public Track Heard { get; } = new();
    public Track Said { get; } = new();

    /// <summary>Frames since the first stream began.</summary>
    public int Ticks { get; set; }

    /// <summary>Media frames that came from us, and that went to us.</summary>
    public int FramesIn { get; set; }
    public int FramesOut { get; set; }

    /// <summary>Frames that we did not take within ten seconds, of streams that are over.</summary>
    public int FramesDropped { get; set; }
    public int Marks { get; set; }
    public int MarksReturned { get; set; }
    public int Clears { get; set; }

    /// <summary>Payloads that were no whole frames.</summary>
    public int OddPayloads { get; set; }

    /// <summary>Messages of ours that Twilio does not understand.</summary>
    public int Malformed { get; set; }

    /// <summary>The longest that ever waited to be played.</summary>
    public double MostWaitingSeconds { get; set; }
}
