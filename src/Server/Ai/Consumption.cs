namespace Ledgerline.Ai;

/// <summary>What a provider says it used; null where it said nothing. Seconds are exact decimals, never binary fractions.</summary>
/// <param name="BilledSeconds">Audio seconds as the provider bills them (<c>usage.seconds</c>).</param>
/// <param name="MeasuredSeconds">The recording's length as the provider measured it (<c>duration</c>).</param>
public sealed record Consumption(decimal? BilledSeconds = null, decimal? MeasuredSeconds = null, string? ProviderRequestId = null);
