using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Payments;

/// <summary>Asks Stripe something for an account's customer, who is made where there is none and made anew where Stripe has lost them.</summary>
internal sealed class PayerDesk(StripeCustomerBook customers, PaymentRequests requests)
{
    /// <summary>Asks for something new under a key that stays the same while it may be the same request.</summary>
    /// <param name="parts">Everything that makes it this request.</param>
    /// <param name="ask">With the customer's id and the key.</param>
    /// <param name="isOpen">Whether what was asked for before, under the same key, can still be used: if not, this is no second click but a new request. Null where it always can.</param>
    /// <exception cref="StripeFailure">It was not done, or nobody knows whether it was.</exception>
    public async Task<T> Open<T>(
        AccountId account, IdempotencyTicket? ticket, IReadOnlyList<string> parts, Func<string, string, Task<T>> ask, CancellationToken stop,
        Func<T, Task<bool>>? isOpen = null)
    {
        var key = await requests.Key(account, ticket, parts, stop);
        while (true)
        {
            var opened = await Ask(account, key.Id, ask, stop);
            // A client's own key says itself that it is the same request.
            if (key.IsNew || ticket is not null || isOpen is null || await isOpen(opened))
            {
                return opened;
            }

            key = await requests.Key(account, ticket, parts, stop, spent: key.Id);
        }
    }

    private async Task<T> Ask<T>(AccountId account, string key, Func<string, string, Task<T>> ask, CancellationToken stop)
    {
        var customer = await customers.Ensure(account, stop);
        try
        {
            return await ask(customer, key);
        }
        catch (StripeFailure failure) when (IsGone(failure))
        {
            await customers.Forget(account, customer, stop);
            return await ask(await customers.Ensure(account, stop), $"{key}:2");
        }
    }

    /// <summary>Stripe does not know the customer that we know.</summary>
    public static bool IsGone(StripeFailure failure) => failure is { Code: "resource_missing", Param: "customer" or "id" };
}
