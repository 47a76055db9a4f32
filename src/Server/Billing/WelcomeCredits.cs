using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>The door to the welcome gift: once a person, however many accounts the person makes one after the other.</summary>
public sealed class WelcomeCredits
{
    private readonly Ledger ledger;
    private readonly BillingOptions options;
    private readonly TimeProvider clock;

    internal WelcomeCredits(Ledger ledger, BillingOptions options, TimeProvider clock) => (this.ledger, this.options, this.clock) = (ledger, options, clock);

    /// <summary>Grants the gift within the transaction that creates the account. Answers the whole credits granted now: zero if the person had them before.</summary>
    /// <param name="personKey">Names the person across accounts, by how they signed in: <c>google:1234</c>.</param>
    public async Task<long> Grant(Transaction transaction, AccountId account, string personKey, CancellationToken stop = default)
    {
        if (options.WelcomeCredits == Credits.Zero)
        {
            return 0;
        }

        var first = await transaction.Execute(
            "INSERT INTO welcome_credits (person_key, account_id, granted_at) VALUES (@personKey, @account, @now) ON CONFLICT (person_key) DO NOTHING",
            new { personKey, account, now = clock.GetUtcNow() },
            stop);
        if (first == 0)
        {
            return 0;
        }

        await ledger.Grant(
            transaction,
            new GrantOrder(account, Unit.Credit, "signup_bonus", $"welcome:{personKey}", options.WelcomeCredits, "Welcome bonus credits"),
            stop);
        return options.WelcomeCredits.Floor;
    }
}
