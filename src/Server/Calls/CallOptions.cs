using System.Globalization;
using Ledgerline.Calls.Status;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Calls;

/// <summary>How calls are placed and what they cost.</summary>
/// <param name="LinesPerAccount">Calls of one account that may run at a time.</param>
/// <param name="CallsPerSecond">The carrier is asked for so many new calls a second, by all nodes together.</param>
/// <param name="RepeatWindow">So long the same account, number and scenario mean the same call.</param>
/// <param name="LineMicroUsdPerMinute">A started minute of the line, in millionths of a US dollar, until the carrier says its price.</param>
/// <param name="StreamMicroUsdPerMinute">A started minute of the audio stream, which is no part of that price.</param>
internal sealed record CallOptions(
    int LinesPerAccount, decimal CallsPerSecond, TimeSpan RepeatWindow, long LineMicroUsdPerMinute, long StreamMicroUsdPerMinute, bool Records, bool DetectsMachines,
    bool HangsUpOnMachines)
{
    /// <summary>A client waits so long for its call to be placed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Longer than a call can wait to be placed; then its allowance is given back.</summary>
    public static readonly TimeSpan ReservationLifetime = TimeSpan.FromMinutes(15);

    /// <summary>So long a call is looked for of which nobody knows whether the carrier has it.</summary>
    public static readonly TimeSpan LongestSearch = TimeSpan.FromMinutes(5);

    /// <summary>So long one that the carrier may have is waited for, until its own news say whose it is.</summary>
    public static readonly TimeSpan LongestDoubt = TimeSpan.FromHours(2);

    public required NumberRules Numbers { get; init; }

    /// <summary>Null: nobody is told that they are recorded.</summary>
    public RecordingNotice? Notice { get; init; }

    public static CallOptions From(ProviderSettings settings) => new(
        Whole(settings, "CALLS_AT_ONCE", 100, 10_000),
        Number(settings, "CALLS_PER_SECOND", 1m, 1000m),
        TimeSpan.FromSeconds(Whole(settings, "CALL_REPEAT_WINDOW_SECONDS", 10, 3600)),
        (long)Math.Ceiling(Number(settings, "CALL_CARRIER_COST_USD_PER_MINUTE", 0.014m, 1000m) * 1_000_000),
        (long)Math.Ceiling(Number(settings, "CALL_STREAM_COST_USD_PER_MINUTE", 0.004m, 1000m) * 1_000_000),
        Flag(settings, "CALL_RECORDING", true),
        Flag(settings, "CALL_MACHINE_DETECTION", true),
        Flag(settings, "CALL_HANG_UP_ON_MACHINES", false))
    {
        Numbers = NumberRules.From(settings),
        Notice = RecordingNotice.From(settings),
    };

    /// <summary>What an operator should think of where real people are called; null: nothing.</summary>
    public string? Warning => Records && Notice is null
        ? $"Business calls are recorded and nobody is told: set {RecordingNotice.Setting} to a sentence that people hear first, or CALL_RECORDING to false."
        : null;

    /// <summary>Whether this call is recorded: what companies place, never what a phone app or somebody else did.</summary>
    public bool IsRecorded(CallRow call) => Records && call is { Direction: CallDirection.Outbound, Kind: not CallKind.Mobile };

    private static int Whole(ProviderSettings settings, string name, int otherwise, int most) => settings[name] is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw new FormatException($"{name} must be a whole number from 0 to {most}.");

    private static decimal Number(ProviderSettings settings, string name, decimal otherwise, decimal most) => settings[name] is not { } text ? otherwise
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw new FormatException($"{name} must be a number from 0 to {most}, such as {otherwise.ToString(CultureInfo.InvariantCulture)}.");

    private static bool Flag(ProviderSettings settings, string name, bool otherwise) => settings[name]?.ToUpperInvariant() switch
    {
        null => otherwise,
        "TRUE" or "1" => true,
        "FALSE" or "0" => false,
        _ => throw new FormatException($"{name} must be true or false."),
    };
}
