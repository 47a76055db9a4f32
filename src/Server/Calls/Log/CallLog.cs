using System.Globalization;
using System.Text.Json;
using Ledgerline.Calls.Status;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Calls.Log;

/// <summary>A call in a list.</summary>
public sealed record CallListed(long Id, string? CallSid, string PhoneNumber, string Scenario, string Status, long? Duration, string CreatedAt, bool TranscriptAvailable);

/// <summary>The door to the calls that were made.</summary>
public sealed class CallLog
{
    private readonly Database database;
    private readonly Accounts accounts;
    private readonly ServiceUsage usage;
    private readonly TimeProvider clock;

    internal CallLog(Database database, Accounts accounts, ServiceUsage usage, TimeProvider clock) =>
        (this.database, this.accounts, this.usage, this.clock) = (database, accounts, usage, clock);

    /// <summary>The newest first, and how many there are.</summary>
    public async Task<(IReadOnlyList<CallListed> Calls, long Total)> List(AccountId account, int limit, int offset, CancellationToken stop)
    {
        var (calls, total, heard) = await database.Read(
            async session =>
            {
                var rows = await CallBook.List(session, account, limit, offset, stop);
                var lines = await session.ListFor<Written, Asked>(
                    "SELECT DISTINCT l.call_id FROM {rows} CROSS JOIN call_lines l WHERE l.account_id = r.account AND l.call_id = r.call",
                    [.. rows.Select(row => new Asked(account, row.Id))],
                    stop);
                return (rows, await CallBook.Count(session, account, stop), lines.Select(line => line.CallId).ToHashSet());
            },
            stop);
        return ([.. calls.Select(call => new CallListed(
            call.Id, call.CallSid, call.PhoneNumber, call.Scenario, call.Status, call.Duration, call.CreatedAt.Iso(), heard.Contains(call.Id)))], total);
    }

    /// <summary>By its own id or the carrier's. Null when the account has no such call.</summary>
    public async Task<CallShown?> Show(AccountId account, string named, CancellationToken stop)
    {
        if (await Find(account, named, stop) is not { } call)
        {
            return null;
        }

        var lines = await database.Read(
            session => session.List<Line>(
                "SELECT number, speaker, text, item_id, previous_item_id, at_ms, cut_ms FROM call_lines WHERE account_id = @account AND call_id = @Id ORDER BY number",
                new { account, call.Id },
                stop),
            stop);
        var isOperator = await accounts.Find(account, stop) is { IsAdmin: true };
        return CallShown.Of(call, [.. Ordered(lines).Select((line, at) => new CallLine(at + 1, line.Speaker, line.Text, line.AtMs, line.CutMs))], await Cost(call, isOperator, stop), clock.GetUtcNow());
    }

    /// <summary>Null when the account has no such call.</summary>
    internal Task<CallRow?> Find(AccountId account, string named, CancellationToken stop) => database.Read(
        async session =>
        {
            var call = long.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? await CallBook.Find(session, account, id, stop)
                : named.Length is > 2 and <= 64 ? await CallBook.FindBySid(session, named, stop)
                : null;
            return call?.AccountId == account ? call : null;
        },
        stop);

    private async Task<CallCost> Cost(CallRow call, bool isOperator, CancellationToken stop)
    {
        var minutes = AllowanceRules.Minutes(call.Duration ?? 0);
        var (charged, unit) = call.Funding == Funding.PayAsYouGo && call.SettledAt is not null
            ? (CallShown.Amount(await usage.CostMicro(call.AccountId, MeteredService.VoiceCall, call.UseKey, stop)), "usd")
            : (CallShown.Amount(call.ChargedMicro), call.ChargedUnit);
        if (!isOperator)
        {
            return new CallCost(charged, unit, minutes, null);
        }

        var (carrier, model) = (call.CarrierMicroUsd / 1_000_000m, call.ModelNanoUsd / 1_000_000_000m);
        var provider = new ProviderCost(
            CallShown.Dollars(carrier), call.IsCarrierPriceFinal, CallShown.Dollars(model), CallShown.Dollars(carrier + model), unit == "usd" ? charged - CallShown.Dollars(carrier + model) : null,
            call.ModelUsage is { } used ? JsonSerializer.Deserialize<JsonElement>(used) : null);
        return new CallCost(charged, unit, minutes, provider);
    }

    // What was said first stands first: by the chain of the model's items, and by their times where that is broken. The text of a
    // question may come after its answer.
    private static List<Line> Ordered(IReadOnlyList<Line> lines)
    {
        var after = lines.Where(line => line.PreviousItemId is not null).ToLookup(line => line.PreviousItemId!);
        var known = lines.Select(line => line.ItemId).ToHashSet();
        List<Line> ordered = [];
        HashSet<long> seen = [];
        foreach (var first in lines.OrderBy(line => line.AtMs).ThenBy(line => line.Number).Where(line => line.PreviousItemId is null || !known.Contains(line.PreviousItemId)))
        {
            var next = new Stack<Line>([first]);
            while (next.TryPop(out var line))
            {
                if (seen.Add(line.Number))
                {
                    ordered.Add(line);
                    after[line.ItemId ?? ""].OrderByDescending(one => one.AtMs).ToList().ForEach(next.Push);
                }
            }
        }

        ordered.AddRange(lines.Where(line => !seen.Contains(line.Number)));
        return ordered;
    }

    private readonly record struct Asked(AccountId Account, long Call);

    private sealed class Written
    {
        public long CallId { get; init; }
    }

    private sealed class Line
    {
        public long Number { get; init; }
        public required string Speaker { get; init; }
        public required string Text { get; init; }
        public string? ItemId { get; init; }
        public string? PreviousItemId { get; init; }
        public long AtMs { get; init; }
        public long? CutMs { get; init; }
    }
}
