using System.Globalization;
using Ledgerline.Billing;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Transcription;

/// <summary><c>GET /api/users/me/stats</c>: the profile, and what was used in the last days.</summary>
internal static class ShowUsage
{
    private const int DefaultDays = 30;

    public sealed record Answer(string Id, string Email, string? Name, string? PictureUrl, long Credits, Totals UsageStats);

    /// <param name="TotalDurationSeconds">Of everything that was transcribed.</param>
    public sealed record Totals(long TotalRequests, long TotalCreditsUsed, decimal TotalDurationSeconds, int PeriodDays);

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(
        HttpRequest request, CurrentAccount caller, Accounts accounts, Balances balances, UsageSummary usage, TimeProvider clock, CancellationToken stop)
    {
        var days = Days(request);
        if (await accounts.Find(caller.Id, stop) is not { } account)
        {
            return Refusal.Unauthorized("Could not validate credentials");
        }

        var totals = await usage.Since(account.Id, Unit.Credit, clock.GetUtcNow() - TimeSpan.FromDays(days), stop);
        return TypedResults.Ok(new Answer(
            account.Id.ToString(),
            account.Email ?? "",
            account.Name ?? account.FullName,
            account.PictureUrl,
            await balances.Credits(account.Id, stop),
            new Totals(totals.Requests, totals.Credits.Ceiling, ExactSeconds.Of(totals.Duration.Ticks / (decimal)TimeSpan.TicksPerSecond), days)));
    }

    private static int Days(HttpRequest request) => request.Query["days"] switch
    {
        [] => DefaultDays,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 365 => days,
        _ => throw new Invalid("query", "days", "Input should be a whole number from 1 to 365"),
    };
}
