using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// Compares our books with Stripe's: every subscription, and every invoice of the last weeks. Where they differ an event was lost or
/// somebody worked at Stripe by hand; the settlement makes them agree, and the difference is written down.
/// </summary>
internal sealed class Reconciliation(
    Database database, StripeClient stripe, SubscriptionSettlement settlement, Ids ids, TimeProvider clock, ILogger<Reconciliation> log)
{
    // A renewal's invoice is paid, or given up, long before.
    private static readonly TimeSpan Back = TimeSpan.FromDays(45);

    /// <summary>Null when there is nothing that could differ.</summary>
    /// <exception cref="StripeFailure">Stripe could not be asked.</exception>
    public async Task<ReconciliationReport?> Run(CancellationToken stop)
    {
        if (await database.Read(session => session.Maybe<string>("SELECT account_id FROM stripe_customers WHERE customer_id IS NOT NULL LIMIT 1", stop: stop), stop) is null)
        {
            return null;
        }

        var (id, started) = (ids.Text(), clock.GetUtcNow());
        await database.Write(
            transaction => transaction.Execute("INSERT INTO reconciliations (id, started_at) VALUES (@id, @started)", new { id, started }, stop), stop);
        var subscriptions = (await stripe.EverySubscription(stop)).ToDictionary(subscription => subscription.Id);
        var invoices = await stripe.InvoicesSince(started - Back, stop);
        List<(string Subject, string Sentence, string? Subscription)> found =
        [
            .. await Subscriptions(subscriptions, stop),
            .. await Invoices(invoices, subscriptions, stop),
        ];
        foreach (var subscription in found.Select(difference => difference.Subscription).OfType<string>().Distinct())
        {
            await settlement.Settle(subscription, null, stop);
        }

        foreach (var (subject, sentence, _) in found)
        {
            log.LogWarning("Reconciliation: {Subject} {Sentence}", subject, sentence);
        }

        var report = new ReconciliationReport(id, started, clock.GetUtcNow(), subscriptions.Count, invoices.Count, [.. found.Select(one => (one.Subject, one.Sentence))]);
        await database.Write(transaction => Save(transaction, report, stop), stop);
        log.LogInformation(
            "Reconciled {Subscriptions} subscriptions and {Invoices} invoices with Stripe: {Differences} differences", subscriptions.Count, invoices.Count, found.Count);
        return report;
    }

    private async Task<List<(string, string, string?)>> Subscriptions(Dictionary<string, StripeSubscription> there, CancellationToken stop)
    {
        List<(string, string, string?)> found = [];
        HashSet<string> ours = [];
        for (var after = ""; ;)
        {
            var page = await database.Read(session => SubscriptionRow.Page(session, after, stop), stop);
            foreach (var row in page)
            {
                ours.Add(row.Id);
                if (!there.TryGetValue(row.Id, out var subscription))
                {
                    found.Add((row.Id, "is here and not at Stripe", null));
                }
                else if (Difference(row, subscription) is { } sentence)
                {
                    found.Add((row.Id, sentence, row.Id));
                }
            }

            if (page.Count == 0)
            {
                break;
            }

            after = page[^1].Id;
        }

        foreach (var unknown in there.Values.Where(subscription => !ours.Contains(subscription.Id)))
        {
            if (await IsOurs(unknown.Customer, stop))
            {
                found.Add((unknown.Id, $"is {unknown.Status} at Stripe and not here", unknown.Id));
            }
        }

        return found;
    }

    private async Task<List<(string, string, string?)>> Invoices(
        IReadOnlyList<StripeInvoice> there, Dictionary<string, StripeSubscription> subscriptions, CancellationToken stop)
    {
        List<(string, string, string?)> found = [];
        foreach (var invoice in there.Where(invoice => invoice.IsPaid && invoice.SubscriptionId is { } id && subscriptions.ContainsKey(id)))
        {
            var row = await database.Read(session => PaymentRow.ByInvoice(session, invoice.Id, stop), stop);
            if (row is null ? await IsOurs(invoice.Customer, stop) : row.AmountMinor != invoice.AmountPaid)
            {
                found.Add((invoice.Id, row is null ? "is paid at Stripe and not here" : $"is {invoice.AmountPaid} at Stripe and {row.AmountMinor} here", invoice.SubscriptionId));
            }
        }

        return found;
    }

    private async Task<bool> IsOurs(string? customer, CancellationToken stop) =>
        await database.Read(session => StripeCustomerBook.AccountOf(session, customer, stop), stop) is not null;

    private static string? Difference(SubscriptionRow row, StripeSubscription there) =>
        row.Status != there.Status ? $"is {there.Status} at Stripe and {row.Status} here"
        : row.CancelAtPeriodEnd != there.CancelAtPeriodEnd ? $"{(there.CancelAtPeriodEnd ? "ends" : "does not end")} with its period at Stripe, unlike here"
        : there.PeriodEnd is { } end && end != row.PeriodEnd ? $"runs until {end.Iso()} at Stripe and until {row.PeriodEnd.Iso()} here"
        : row.PriceId is { } price && there.AllItems.Count > 0 && there.AllItems.All(item => item.Price?.Id != price) ? "has another price at Stripe"
        : null;

    private static async Task Save(Transaction transaction, ReconciliationReport report, CancellationToken stop)
    {
        await transaction.Execute(
            """
            UPDATE reconciliations SET finished_at = @FinishedAt, subscriptions = @Subscriptions, invoices = @Invoices, differences = @differences
            WHERE id = @Id
            """,
            new { report.Id, report.FinishedAt, report.Subscriptions, report.Invoices, differences = report.Differences.Count },
            stop);
        foreach (var (position, difference) in report.Differences.Index())
        {
            transaction.Defer(
                """
                INSERT INTO reconciliation_differences (reconciliation_id, position, subject, sentence)
                SELECT r.reconciliation, r.position, r.subject, r.sentence FROM {rows}
                """,
                new NewDifference(report.Id, position, difference.Subject, difference.Sentence));
        }
    }

    private readonly record struct NewDifference(string Reconciliation, int Position, string Subject, string Sentence);
}

/// <summary>What a comparison with Stripe looked at and what it found; the differences are settled.</summary>
internal sealed record ReconciliationReport(
    string Id, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, int Subscriptions, int Invoices, IReadOnlyList<(string Subject, string Sentence)> Differences)
{
    /// <summary>For people: a line a difference, and how much was looked at.</summary>
    public IReadOnlyList<string> Lines() =>
    [
        .. Differences.Select(difference => $"{difference.Subject} {difference.Sentence}"),
        $"{Subscriptions} subscriptions and {Invoices} invoices compared with Stripe, {Differences.Count} differences settled.",
    ];
}
