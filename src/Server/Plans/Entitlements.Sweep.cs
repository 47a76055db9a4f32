using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>What time does to reservations.</summary>
public sealed partial class Entitlements
{
    private const int SweptAtOnce = 1000;
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(400);

    /// <summary>Gives back what nobody confirmed in time, and forgets what ended long ago. Answers how many were given back.</summary>
    internal async Task<int> Sweep(CancellationToken stop)
    {
        var swept = 0;
        while (await SweepSome(stop) is > 0 and var some)
        {
            swept += some;
        }

        var old = Now() - KeptAfterEnd;
        await database.Write(
            transaction => transaction.Execute(
                "DELETE FROM reservations WHERE state <> 'reserved' AND ended_at < @old AND (state <> 'completed' OR period_start IS NULL OR period_start <> 0)", new { old }, stop),
            stop);
        return swept;
    }

    private async Task<int> SweepSome(CancellationToken stop)
    {
        var due = await database.Read(
            session => session.List<DueRow>(
                $"SELECT account_id, id FROM reservations WHERE state = 'reserved' AND expires_at <= @now ORDER BY expires_at LIMIT {SweptAtOnce}", new { now = Now() }, stop),
            stop);
        var swept = 0;
        foreach (var row in due)
        {
            swept += await database.Write(transaction => End(transaction, row.AccountId, row.Id, ReservationState.Expired, stop), stop) ? 1 : 0;
        }

        return swept;
    }

    private sealed class DueRow
    {
        public AccountId AccountId { get; init; }
        public required string Id { get; init; }
    }
}
