using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>The right to change an account's plan of one product at Stripe.</summary>
/// <param name="Id">Names what is wanted in every request to Stripe, so that a repeat is not a second one.</param>
internal sealed record SubscriptionOrder(AccountId Account, string Product, string Id, string Ticket);

/// <summary>
/// One at a time: however many ask at once on however many nodes, whoever comes second sees what the first has done. Nobody holds a
/// lock while Stripe is asked; the right is a lease, and who dies with it leaves his order's id to the next who wants the same.
/// </summary>
internal sealed class SubscriptionOrders(Database database, Ids ids, TimeProvider clock)
{
    // Longer than all calls of one change together.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);
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
    public Task Give(SubscriptionOrder order, bool isDone) => database.Write(transaction => transaction.Execute(
        """
        UPDATE subscription_orders SET lease_until = 0, is_done = @isDone
        WHERE account_id = @Account AND product = @Product AND ticket = @Ticket
        """,
        new { order.Account, order.Product, order.Ticket, isDone }));

    private async Task<SubscriptionOrder?> TryTake(AccountId account, string product, string wanted, CancellationToken stop)
    {
        var (now, ticket) = (clock.GetUtcNow(), ids.Secret(12));
        var id = await database.Write(
            transaction => transaction.Maybe<string>(
                """
                INSERT INTO subscription_orders (account_id, product, id, wanted, is_done, ticket, lease_until, asked_at)
                VALUES (@account, @product, @id, @wanted, @no, @ticket, @lease, @now)
                ON CONFLICT (account_id, product) DO UPDATE SET
                    id = CASE WHEN subscription_orders.is_done OR subscription_orders.wanted <> excluded.wanted OR subscription_orders.asked_at < @stale
                        THEN excluded.id ELSE subscription_orders.id END,
                    asked_at = CASE WHEN subscription_orders.is_done OR subscription_orders.wanted <> excluded.wanted OR subscription_orders.asked_at < @stale
                        THEN excluded.asked_at ELSE subscription_orders.asked_at END,
                    wanted = excluded.wanted, is_done = excluded.is_done, ticket = excluded.ticket, lease_until = excluded.lease_until
                WHERE subscription_orders.lease_until < @now
                RETURNING id
                """,
                new { account, product, id = ids.Text(), wanted, no = false, ticket, lease = now + Lease, now, stale = now - Memory },
                stop),
            stop);
        return id is null ? null : new SubscriptionOrder(account, product, id, ticket);
    }
}
