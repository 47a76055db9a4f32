using Ledgerline.Http;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>Opens checkouts: the order is written before Stripe is asked, the session before anybody hears of it.</summary>
internal sealed class CheckoutDesk(
    Database database, StripeClient stripe, StripeCustomerBook customers, Outbox outbox, Idempotency idempotency, Ids ids, TimeProvider clock)
{
    /// <summary>An order and the page where it is paid.</summary>
    /// <param name="ticket">The answer is kept under it in the transaction that stores the session.</param>
    /// <exception cref="StripeFailure">Stripe did not open it; the order says why.</exception>
    public async Task<StartCheckout.Answer> Open(
        AccountId account, Package package, string successUrl, string cancelUrl, IdempotencyTicket? ticket, CancellationToken stop)
    {
        var order = new CheckoutOrder
        {
            AccountId = account,
            Id = ids.Text(),
            PackageId = package.Id,
            Credits = package.Credits,
            PriceMinor = package.Price.Minor,
            Currency = package.Price.Currency,
            Status = OrderStatus.Created,
            CreatedAt = clock.GetUtcNow(),
        };
        await database.Write(transaction => CheckoutOrders.Insert(transaction, order, stop), stop);
        try
        {
            var session = await Create(order, package, successUrl, cancelUrl, stop);
            var answer = new StartCheckout.Answer(
                session.Url ?? throw StripeFailure.Unreadable($"Session {session.Id} of order {order.Id} has no address."), session.Id);
            // A customer who hung up has no address to pay at, but the session exists and what is told about it must find its order.
            await database.Write(transaction => Store(transaction, order, answer, ticket), CancellationToken.None);
            return answer;
        }
        catch (StripeFailure failure)
        {
            await database.Write(
                transaction => CheckoutOrders.Save(transaction, order with { Problem = failure.Message }, CancellationToken.None), CancellationToken.None);
            throw;
        }
    }

    private async Task<StripeCheckoutSession> Create(CheckoutOrder order, Package package, string successUrl, string cancelUrl, CancellationToken stop)
    {
        for (var second = false; ; second = true)
        {
            var customer = await customers.Ensure(order.AccountId, stop);
            try
            {
                return await stripe.CreateCheckoutSession(
                    new CheckoutRequest(
                        customer,
                        order.AccountId.ToString(),
                        package.Price,
                        $"Chotto Voice - {package.Name}",
                        $"{package.Credits} credits for voice transcription",
                        ReturnUrls.WithSessionId(successUrl),
                        cancelUrl,
                        order.Metadata),
                    second ? $"checkout:{order.Id}:2" : $"checkout:{order.Id}",
                    stop);
            }
            catch (StripeFailure failure) when (!second && failure is { Code: "resource_missing", Param: "customer" })
            {
                await customers.Forget(order.AccountId, customer, stop);
            }
        }
    }

    private async Task Store(Transaction transaction, CheckoutOrder order, StartCheckout.Answer answer, IdempotencyTicket? ticket)
    {
        await StripeObjects.Lock(transaction, answer.SessionId, CancellationToken.None);
        await CheckoutOrders.Save(
            transaction, order with { SessionId = answer.SessionId, Status = OrderStatus.Open, ReviewAt = ReviewCheckouts.Next(order, order.CreatedAt) },
            CancellationToken.None);
        await StripeObjects.Changed(transaction, answer.SessionId, CancellationToken.None);
        if (await ProviderEvents.AreWaiting(transaction, answer.SessionId, CancellationToken.None))
        {
            await outbox.Publish(transaction, new CheckoutNewsWaiting(answer.SessionId));
        }

        if (ticket is not null)
        {
            await idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer);
        }
    }
}
