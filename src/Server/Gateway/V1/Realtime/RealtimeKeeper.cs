using System.Data.Common;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>
/// Keeps what a conversation would have to be charged for where other nodes can read it, every few seconds for as long as this one lives.
/// Should it die, <see cref="ReviewRealtime"/> charges that.
/// </summary>
internal sealed class RealtimeKeeper(Database database, Leases leases, TimeProvider clock)
{
    public Kept Keep(AccountId account, string session, string model, object metadata, Func<Task<RealtimeStanding>> standing)
    {
        var lease = leases.New();
        var kept = new Kept(
            database,
            lease,
            new RealtimeSessionRow
            {
                AccountId = account,
                Id = session,
                Model = model,
                Ticket = lease.Ticket,
                Metadata = JsonSerializer.Serialize(metadata),
                CreatedAt = clock.GetUtcNow(),
            },
            standing);
        kept.Begin(leases.Until);
        lease.Renew(kept.Beat);
        return kept;
    }

    /// <summary>A conversation that is kept.</summary>
    public sealed class Kept(Database database, Leases.Lease lease, RealtimeSessionRow row, Func<Task<RealtimeStanding>> standing) : IAsyncDisposable
    {
        private Task first = Task.CompletedTask;
        private bool isWritten;

        /// <summary>Nobody heard of it for so long that another node has closed its books.</summary>
        public CancellationToken Lost => lease.Lost;

        /// <summary>Its books are closed.</summary>
        public async Task Over()
        {
            await lease.Rest();
            await first;
            await database.Write(transaction => RealtimeSessionRow.Delete(transaction, row));
        }

        public async ValueTask DisposeAsync()
        {
            await first;
            await lease.DisposeAsync();
        }

        // Beside whatever is done next: nobody waits for it.
        internal void Begin(DateTimeOffset until) => first = Task.Run(async () =>
        {
            try
            {
                await Beat(until);
            }
            catch (Exception failure) when (failure is DbException or TimeoutException or IOException)
            {
                // The first renewal does it.
            }
        });

        internal async Task<bool> Beat(DateTimeOffset until)
        {
            var now = row.With(await standing(), until);
            return isWritten = await database.Write(transaction => isWritten ? RealtimeSessionRow.Renew(transaction, now) : RealtimeSessionRow.Begin(transaction, now));
        }
    }
}
