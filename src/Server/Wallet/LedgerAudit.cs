using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;
using Ledgerline.Wallet.Audit;

namespace Ledgerline.Wallet;

/// <summary>Adds every book up again and says in a sentence each what does not agree with what is kept, and what may explain it.</summary>
public sealed class LedgerAudit(Database database)
{
    /// <summary>
    /// The holds that were charged, as a relation for others to hold their own records against: <c>account_id</c>, <c>id</c>,
    /// <c>unit</c>, <c>captured_micro</c>.
    /// </summary>
    public const string CapturedHolds = "(SELECT account_id, id, unit, captured_micro FROM holds WHERE status = 'captured')";

    /// <summary>The lots, for the same: <c>account_id</c>, <c>unit</c>, <c>grant_key</c>, <c>amount_micro</c>.</summary>
    public const string Lots = "(SELECT account_id, unit, grant_key, amount_micro FROM grants)";

    /// <summary>How many holds are neither captured nor released, over all accounts.</summary>
    public Task<long> OpenHolds(CancellationToken stop = default) => database.Read(
        session => session.One<long>("SELECT count(*) FROM holds WHERE status = 'open'", stop: stop), stop);

    /// <summary>One sentence a difference; none when every book balances. All laws see one moment, so this is right while money moves.</summary>
    public Task<IReadOnlyList<string>> Run(CancellationToken stop = default) => database.ReadOneMoment(
        async session =>
        {
            var report = new AuditReport();
            // Nothing is older than the beginning of time: no warnings.
            await Inspect(session, report, DateTimeOffset.UnixEpoch, stop);
            return report.Differences;
        },
        stop);

    /// <summary>Adds to the report what the caller's session sees; whoever asks sees to it that it is one moment.</summary>
    public static async Task Inspect(Session session, AuditReport report, DateTimeOffset now, CancellationToken stop = default)
    {
        report.Count(await session.One<long>("SELECT COUNT(*) FROM wallets", stop: stop), "wallets");
        report.Count(await session.One<long>("SELECT COUNT(*) FROM ledger_transactions", stop: stop), "transactions");
        report.Count(await session.One<long>("SELECT COUNT(*) FROM ledger_entries", stop: stop), "entries");
        report.Count(await session.One<long>("SELECT COUNT(*) FROM holds", stop: stop), "holds");

        await report.Check(session, [.. EntryLaws.All, .. WalletLaws.All, .. LotLaws.All, .. HoldLaws.All, .. BudgetLaws.All], now, stop);
        await report.Warn(session, HoldLaws.Warnings, now, stop);
    }
}
