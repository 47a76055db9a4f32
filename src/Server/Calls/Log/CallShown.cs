using System.Text.Json;
using Ledgerline.Calls.Status;
using Ledgerline.Kernel;

namespace Ledgerline.Calls;

/// <summary>A call with everything that is known of it, as its account sees it.</summary>
/// <param name="Cost">What it cost the customer.</param>
public sealed record CallShown(
    long Id, string? CallSid, string Direction, string Scenario, string PhoneNumber, string FromNumber, string Status, string Funding, int DurationLimit, int? SecondsLeft,
    long? Duration, string CreatedAt, string? AnsweredAt, string? EndedAt, string? EndReason, string? AnsweredBy, bool IsSettled, CallCost Cost,
    IReadOnlyList<CallLine> Transcript, CallRecording? Recording, JsonElement? Media)
{
    internal static CallShown Of(CallRow call, IReadOnlyList<CallLine> lines, CallCost cost, DateTimeOffset now) => new(
        call.Id, call.CallSid, call.Direction, call.Scenario, call.PhoneNumber, call.OwnNumber, call.Status, call.Funding, call.DurationLimit,
        call is { IsOver: false } && CallRules.EndsAt(call) is { } ends ? (int)Math.Max(0, Math.Ceiling((ends - now).TotalSeconds)) : null,
        call.Duration, call.CreatedAt.Iso(), call.AnsweredAt?.Iso(), call.EndedAt?.Iso(), call.EndReason, call.AnsweredBy, call.SettledAt is not null, cost, lines,
        call.RecordingSid is { } sid ? new CallRecording(sid, call.RecordingSeconds, $"/api/calls/{call.Id}/recording") : null,
        call.Media is { } media ? JsonSerializer.Deserialize<JsonElement>(media) : null);

    /// <summary>Micro-units as the decimal they are.</summary>
    public static decimal Amount(long micro) => Trimmed(micro / 1_000_000m);

    /// <summary>To the millionth of a dollar, rounded up.</summary>
    public static decimal Dollars(decimal exact) => Trimmed(decimal.Ceiling(exact * 1_000_000) / 1_000_000);

    private static decimal Trimmed(decimal amount) => amount / 1.000000000000000000000000000000m;
}

/// <summary>What a call cost.</summary>
/// <param name="Charged">Credits or US dollars, as <paramref name="Unit"/> says; 0 where a plan or trial covers it.</param>
/// <param name="Provider">What the house pays; null for who is no operator.</param>
public sealed record CallCost(decimal Charged, string? Unit, long Minutes, ProviderCost? Provider);

/// <summary>What a call costs the house, in US dollars.</summary>
/// <param name="IsFinal">The carrier has said its price; until then it is an estimate.</param>
/// <param name="Margin">What the customer pays above it, where the call is paid in money; null elsewhere.</param>
public sealed record ProviderCost(decimal CarrierUsd, bool IsFinal, decimal ModelUsd, decimal TotalUsd, decimal? Margin, JsonElement? ModelUsage);

/// <summary>A line of the transcript.</summary>
/// <param name="Speaker"><c>customer</c> or <c>agent</c>.</param>
/// <param name="AtMs">When it began, in the stream.</param>
/// <param name="CutMs">So much of it was heard before it was interrupted.</param>
public sealed record CallLine(long Line, string Speaker, string Text, long AtMs, long? CutMs);

/// <summary>A recording at the carrier.</summary>
public sealed record CallRecording(string Sid, long? Seconds, string Url);
