using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Usage.Recorded;

/// <summary>The door to what accounts use of the services that are priced by the unit: recorded, added up, listed.</summary>
public sealed class ServiceUsage
{
    private const int Page = 1000;

    private const string Columns = "account_id, is_billed, id, service, amount, unit, unit_price, total_cents, resource, billing_period, recorded_at";

    private readonly Database database;
    private readonly ServicePrices prices;
    private readonly Outbox outbox;
    private readonly Ids ids;
    private readonly TimeProvider clock;

    internal ServiceUsage(Database database, ServicePrices prices, Outbox outbox, Ids ids, TimeProvider clock) =>
        (this.database, this.prices, this.outbox, this.ids, this.clock) = (database, prices, outbox, ids, clock);

    /// <summary>Records a use and answers it. One of a resource that is recorded already changes nothing and answers that.</summary>
    public async Task<ServiceUse> Record(Transaction transaction, NewServiceUse use, CancellationToken stop = default)
    {
        var written = await Write(transaction, [use], stop);
        return written is [var first] ? first : await transaction.One<ServiceUse>(
            $"SELECT {Columns} FROM service_usage WHERE account_id = @Account AND service = @Service AND resource = @Resource",
            new { use.Account, use.Service, use.Resource },
            stop);
    }

    /// <summary>What was recorded for one thing that was used, in millionths of a US dollar; 0 when nothing was.</summary>
    public async Task<long> CostMicro(AccountId account, string service, string resource, CancellationToken stop = default) => await database.Read(
        session => session.Maybe<long?>(
            "SELECT total_micro FROM service_usage WHERE account_id = @account AND service = @service AND resource = @resource", new { account, service, resource }, stop),
        stop) ?? 0;

    /// <summary>
    /// Records a use with the rest of the transaction, right before its commit and together with all others, so that it costs busy
    /// products little. A use that is recorded already stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">The use does not say of what.</exception>
    public void RecordOnce(Transaction transaction, NewServiceUse use)
    {
        ArgumentException.ThrowIfNullOrEmpty(use.Resource);
        Check(use);
        transaction.Gather(use, WriteAll);
    }

    /// <inheritdoc cref="Sums(AccountId, DateTimeOffset, DateTimeOffset, CancellationToken)"/>
    public Task<IReadOnlyList<ServiceSum>> Sums(AccountId account, BillingMonth month, CancellationToken stop = default) =>
        Sums(account, month.Start, month.End, stop);

    /// <summary>
    /// What the account used of each service from one moment until before another, in the order of <see cref="MeteredService.All"/>; a
    /// service it did not use is missing.
    /// </summary>
    public async Task<IReadOnlyList<ServiceSum>> Sums(AccountId account, DateTimeOffset from, DateTimeOffset until, CancellationToken stop = default)
    {
        var rows = await database.Read(
            session => session.List<SumRow>(
                """
                SELECT service, unit, COUNT(*) AS records, CAST(SUM(amount) AS bigint) AS amount, CAST(SUM(total_micro) AS bigint) AS micro,
                    CAST(SUM(total_rest) AS bigint) AS rest, MAX(recorded_at) AS last_at
                FROM service_usage WHERE account_id = @account AND recorded_at >= @from AND recorded_at < @until GROUP BY service, unit
                """,
                new { account, from, until },
                stop),
            stop);
        return
        [
            .. from service in MeteredService.All
               join row in rows on service.Name equals row.Service into units
               where units.Any()
               select new ServiceSum(
                   service.Name,
                   units.Sum(unit => unit.Amount),
                   units.Select(unit => ExactCost.From(unit.Micro, unit.Rest)).Aggregate((a, b) => a + b).Cents,
                   units.MaxBy(unit => (unit.LastAt, unit.Unit))!.Unit,
                   units.Sum(unit => unit.Records)),
        ];
    }

    /// <summary>The month's uses from the first on, read a page at a time.</summary>
    internal async IAsyncEnumerable<IReadOnlyList<ServiceUse>> Pages(
        AccountId account, BillingMonth month, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        var (at, id, until) = (month.Start, 0L, month.End);
        while (true)
        {
            var from = new { account, until, at, id, Page };
            var page = await database.Read(
                session => session.List<ServiceUse>(
                    $"""
                    SELECT {Columns} FROM service_usage
                    WHERE account_id = @account AND recorded_at < @until AND (recorded_at, id) > (@at, @id) ORDER BY recorded_at, id LIMIT @Page
                    """,
                    from,
                    stop),
                stop);
            if (page.Count > 0)
            {
                yield return page;
                (at, id) = (page[^1].RecordedAt, page[^1].Id);
            }

            if (page.Count < Page)
            {
                yield break;
            }
        }
    }

    private async Task WriteAll(Transaction transaction, IReadOnlyList<NewServiceUse> uses, CancellationToken stop) => await Write(transaction, uses, stop);

    /// <summary>Answers what was not recorded before; who pays by use is charged for it in the same transaction.</summary>
    private async Task<IReadOnlyList<ServiceUse>> Write(Transaction transaction, IReadOnlyList<NewServiceUse> uses, CancellationToken stop)
    {
        var lists = await prices.Of(transaction, uses.Select(use => use.Account), stop);
        var promised = await prices.On(transaction, uses.Select(use => use.Terms).OfType<PlanTerms>(), stop);
        var now = clock.GetUtcNow();
        var written = await transaction.ListFor<ServiceUse, Row>(
            $$"""
            INSERT INTO service_usage (account_id, id, service, amount, unit, unit_price, total_micro, total_rest, total_cents, resource, is_billed,
                billing_period, recorded_at)
            SELECT r.account, r.id, r.service, r.amount, r.unit, r.price, r.micro, r.rest, r.cents, r.resource, r.billed = 1, r.period, r.now
            FROM {rows} WHERE true
            ON CONFLICT (account_id, service, resource) DO NOTHING
            RETURNING {{Columns}}
            """,
            // In one order everywhere, so that two transactions with the same resources do not wait for each other.
            [
                .. uses.Select(use => RowOf(use, lists[use.Account], use.Terms is { } terms ? promised[terms] : lists[use.Account], now))
                    .OrderBy(row => row.Account).ThenBy(row => row.Service, StringComparer.Ordinal).ThenBy(row => row.Resource, StringComparer.Ordinal),
            ],
            stop);
        foreach (var use in written.Where(use => use.IsBilled))
        {
            await outbox.Publish(
                transaction,
                new PayAsYouGoUsed(
                    use.AccountId, use.Service, use.Amount, use.Id.ToString(CultureInfo.InvariantCulture), use.RecordedAt,
                    lists[use.AccountId].IsMetered(use.Service, use.UnitPrice) ? null : use.TotalCents, use.TotalCents),
                stop: stop);
        }

        return written;
    }

    private Row RowOf(NewServiceUse use, UnitPrices today, UnitPrices terms, DateTimeOffset now)
    {
        var service = Check(use);
        var price = use.UnitPrice ?? terms.Prices[service.Name];
        var cost = ExactCost.Of(price, use.Amount);
        return new Row(
            use.Account, ids.Number(), service.Name, use.Amount, use.Unit ?? service.Unit, ExactCost.Text(price), cost.Micro, cost.Rest, cost.Cents, use.Resource,
            terms.PaysByUse && !use.IsPrepaid && (cost.Cents > 0 || today.IsMetered(service.Name, ExactCost.Text(price))) ? 1 : 0, BillingMonth.Of(now).ToString(), now);
    }

    private static MeteredService Check(NewServiceUse use)
    {
        _ = ExactCost.Of(use.UnitPrice ?? 0, use.Amount);
        return MeteredService.Find(use.Service) ?? throw new ArgumentException($"There is no service {use.Service}.", nameof(use));
    }

    private readonly record struct Row(
        AccountId Account, long Id, string Service, long Amount, string Unit, string Price, long Micro, long Rest, long Cents, string? Resource, int Billed,
        string Period, DateTimeOffset Now);

    private sealed class SumRow
    {
        public required string Service { get; init; }
        public required string Unit { get; init; }
        public long Records { get; init; }
        public long Amount { get; init; }
        public long Micro { get; init; }
        public long Rest { get; init; }
        public long LastAt { get; init; }
    }
}
