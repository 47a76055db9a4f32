using System.Security.Cryptography;
using System.Text;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>One Stripe customer an account, also when two requests or two nodes make it at the same time.</summary>
internal sealed class StripeCustomerBook(Database database, Accounts accounts, StripeClient stripe, Outbox outbox, Ids ids, TimeProvider clock)
{
    // Stripe forgets a key after a day; a request that old may not be repeated under it.
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(23);

    // Stripe's own.
    private const int LongestName = 256;

    /// <exception cref="StripeFailure">There is none yet and Stripe could not make one.</exception>
    public async Task<string> Ensure(AccountId account, CancellationToken stop)
    {
        if (await Find(account, stop) is { } known)
        {
            return known;
        }

        var key = await database.Write(transaction => Prepare(transaction, account, stop), stop);
        try
        {
            var made = await Make(account, key, stop);
            await database.Write(transaction => Store(transaction, account, made.Id, stop), stop);
            return await Find(account, stop) ?? made.Id;
        }
        catch (StripeFailure) when (!stop.IsCancellationRequested)
        {
            // Stripe refuses two requests with one key at once: the other one may have brought the customer meanwhile.
            if (await Find(account, stop) is { } others)
            {
                return others;
            }

            throw;
        }
    }

    /// <summary>Null when the account has never paid.</summary>
    public Task<string?> Find(AccountId account, CancellationToken stop) => database.Read(
        session => session.Maybe<string>("SELECT customer_id FROM stripe_customers WHERE account_id = @account", new { account }, stop), stop);

    /// <summary>Whose customer it is; null when it is none of ours.</summary>
    public static async Task<AccountId?> AccountOf(Session session, string? customerId, CancellationToken stop) =>
        customerId is not null && await session.Maybe<string>(
            "SELECT account_id FROM stripe_customers WHERE customer_id = @customerId", new { customerId }, stop) is { } account
            ? AccountId.Parse(account)
            : null;

    /// <summary>Stripe no longer knows this customer (deleted, or the key is another account's): the next one will be new.</summary>
    public Task Forget(AccountId account, string customerId, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            "UPDATE stripe_customers SET customer_id = NULL, request_key = @key, asked_at = @now WHERE account_id = @account AND customer_id = @customerId",
            new { account, customerId, key = NewKey(), now = clock.GetUtcNow() },
            stop),
        stop);

    private async Task<StripeCustomer> Make(AccountId account, string key, CancellationToken stop)
    {
        var who = await accounts.Find(account, stop);
        var name = (who?.FullName ?? who?.Name)?.Trim() is { Length: > 0 } given ? given[..Math.Min(given.Length, LongestName)] : null;
        var request = new CustomerRequest(account, who?.Number, who?.Email, name);
        try
        {
            return await stripe.CreateCustomer(request, KeyOf(request, key), stop);
        }
        catch (StripeFailure failure) when (failure.Param == "email" && !failure.IsPassing)
        {
            // Nobody is kept from paying by an address that Stripe does not like.
            request = request with { Email = null };
            return await stripe.CreateCustomer(request, KeyOf(request, key), stop);
        }
    }

    // Who was renamed before the request is repeated asks for something else, which Stripe takes under another key only.
    private static string KeyOf(CustomerRequest request, string key) =>
        $"{key}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Email}\n{request.Name}")).AsSpan(0, 8))}";

    private async Task Store(Transaction transaction, AccountId account, string customerId, CancellationToken stop)
    {
        await transaction.Execute(
            "UPDATE stripe_customers SET customer_id = @customerId WHERE account_id = @account AND customer_id IS NULL", new { account, customerId }, stop);
        if (await ProviderEvents.AreWaiting(transaction, customerId, stop))
        {
            await outbox.Publish(transaction, new CustomerNewsWaiting(customerId), stop: stop);
        }
    }

    private async Task<string> Prepare(Transaction transaction, AccountId account, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        await transaction.Execute(
            """
            INSERT INTO stripe_customers (account_id, request_key, asked_at) VALUES (@account, @key, @now)
            ON CONFLICT (account_id) DO UPDATE SET request_key = excluded.request_key, asked_at = excluded.asked_at
            WHERE stripe_customers.customer_id IS NULL AND stripe_customers.asked_at < @stale
            """,
            new { account, key = NewKey(), now, stale = now - KeyLifetime },
            stop);
        return await transaction.One<string>("SELECT request_key FROM stripe_customers WHERE account_id = @account", new { account }, stop);
    }

    private string NewKey() => $"customer:{ids.Text()}";
}
