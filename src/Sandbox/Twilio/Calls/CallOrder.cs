namespace Sandbox.Twilio.Calls;

/// <summary>Where a call's instructions come from: an address of ours, or a text that came along.</summary>
internal sealed record TwimlSource
{
    public Uri? Url { get; init; }
    public string Method { get; init; } = "POST";
    public Uri? FallbackUrl { get; init; }
    public string FallbackMethod { get; init; } = "POST";
    public string? Text { get; init; }

    /// <summary>Fields beside those that every request has, such as the digits of a Gather.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();
}

/// <summary>Which steps of a call are told to whom.</summary>
internal sealed record StepCallback(Uri? Url, IReadOnlyList<string> Events)
{
    public static readonly string[] All = ["initiated", "ringing", "answered", "completed"];
    public static readonly string[] Default = ["completed"];
    public static readonly StepCallback None = new(null, []);
}

/// <summary>How a recording is made and told.</summary>
internal sealed record RecordingOrder(int Channels, string Track, string Source, Uri? Callback, IReadOnlyList<string> Events);

/// <summary>What one call was asked to be.</summary>
internal sealed record CallOrder
{
    public required string AccountSid { get; init; }
    public required string To { get; init; }
    public required string From { get; init; }
    public required TwimlSource Instructions { get; init; }
    public string Direction { get; init; } = "outbound-api";
    public string? PhoneNumberSid { get; init; }
    public StepCallback Callback { get; init; } = StepCallback.None;

    /// <summary>Seconds of ringing, and of talking.</summary>
    public int Timeout { get; init; } = 60;
    public int TimeLimit { get; init; } = LongestCall;
    public string? SendDigits { get; init; }
    public RecordingOrder? Recording { get; init; }

    /// <summary>Null, <c>Enable</c> or <c>DetectMessageEnd</c>.</summary>
    public string? MachineDetection { get; init; }
    public bool AsyncAmd { get; init; }
    public Uri? AsyncAmdCallback { get; init; }

    public const int LongestCall = 4 * 60 * 60;

    public bool IsInbound => Direction == "inbound";
}
