using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>The right to change an account's plan of one product at Stripe.</summary>
/// <param name="Id">Names what is wanted in every request to Stripe, so that a repeat is not a second one.</param>
internal sealed record SubscriptionOrder(AccountId Account, string Product, string Id, Leases.Lease Lease)
{
    /// <summary>Whoever has lost the right stops.</summary>
    public CancellationToken Lost => Lease.Lost;
}

/// <summary>
/// One at a time: however many ask at once on however many nodes, whoever comes second sees what the first has done. Nobody holds a
/// lock while Stripe is asked; the right is a lease that its holder renews, and who dies with it leaves his order's id to the next
/// who wants the same.
/// </summary>
internal sealed class SubscriptionOrders(Database database, Leases leases, Ids ids, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // An unfinished order is taken up under its id so long. Later nothing of it can be on its way any more: what it made is found at
    // Stripe, and Stripe would only repeat the failure that it keeps under the id.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>Null when somebody else had it all the time.</summary>
    /// <param name="wanted">What is to be done: the same again is the same order while the first is not done.</param>
    public async Task<SubscriptionOrder?> Take(AccountId account, string product, string wanted, CancellationToken stop)
    {
        for (var began = clock.GetTimestamp(); ;)
        {
            if (await TryTake(account, product, wanted, stop) is { } order)
            {
                return order;
            }

            if (clock.GetElapsedTime(began) >= Patience)
            {
                return null;
            }

            await Task.Delay(Pause, clock, stop);
        }
    }

    /// <summary>Lets the next one in.</summary>
    /// <param name="isDone">Whether it is known what became of it; else the next who wants the same goes on with it.</param>
    public async Task Give(SubscriptionOrder order, bool isDone)
    {
        await using var lease = order.Lease;
        await lease.Rest();
        await database.Write(transaction => transaction.Execute(
            """
            UPDATE subscription_orders SET lease_until = 0, is_done = @isDone
            WHERE account_id = @Account AND product = @Product AND ticket = @Ticket
            """,
            new { order.Account, order.Product, lease.Ticket, isDone }));
    }

    private async Task<SubscriptionOrder?> TryTake(AccountId account, string product, string wanted, CancellationToken stop)
    {
        var lease = leases.New();
        string? id = null;
        try
        {
            id = await database.Write(transaction => Take(transaction, new Wanted(account, product, wanted, lease.Ticket), stop), stop);
        }
        finally
        {
            if (id is null)
            {
                await lease.DisposeAsync();
            }
        }

        if (id is null)
        {
            return null;
        }

        lease.Renew(until => database.Write(async transaction => await transaction.Execute(
            "UPDATE subscription_orders SET lease_until = @until WHERE account_id = @account AND product = @product AND ticket = @Ticket",
            new { account, product, lease.Ticket, until }) == 1));
        return new SubscriptionOrder(account, product, id, lease);
    }

    // The order's id; null when somebody else is at it.
    private async Task<string?> Take(Transaction transaction, Wanted asked, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var before = await transaction.Maybe<Row>(
            "SELECT id, wanted AS words, is_done, ticket, lease_until, asked_at FROM subscription_orders WHERE account_id = @Account AND product = @Product {for update}",
            asked,
            stop);
        if (before is not null && !leases.IsFree(before.Ticket, before.LeaseUntil))
        {
            return null;
        }

        var goesOn = before is { IsDone: false } && before.Words == asked.Words && before.AskedAt >= now - Memory;
        var taken = new
        {
            asked.Account,
            asked.Product,
            asked.Words,
            asked.Ticket,
            id = goesOn ? before!.Id : ids.Text(),
            askedAt = goesOn ? before!.AskedAt : now,
            no = false,
            lease = leases.Until,
            before = before?.Ticket ?? "",
        };
        return await transaction.Execute(
            """
            INSERT INTO subscription_orders (account_id, product, id, wanted, is_done, ticket, lease_until, asked_at)
            VALUES (@Account, @Product, @id, @Words, @no, @Ticket, @lease, @askedAt)
            ON CONFLICT (account_id, product) DO UPDATE SET id = excluded.id, wanted = excluded.wanted, is_done = excluded.is_done,
                ticket = excluded.ticket, lease_until = excluded.lease_until, asked_at = excluded.asked_at
            WHERE subscription_orders.ticket = @before
            """,
            taken,
            stop) == 1
            ? taken.id
            : null;
    }

    private sealed record Wanted(AccountId Account, string Product, string Words, string Ticket);

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Words { get; init; }
        public bool IsDone { get; init; }
        public required string Ticket { get; init; }
        public DateTimeOffset LeaseUntil { get; init; }
        public DateTimeOffset AskedAt { get; init; }
    }
}
