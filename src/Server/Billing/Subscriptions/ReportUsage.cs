using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Stripe's meter has to hear of something that was used. Stripe takes one call at a time for each customer and meter.</summary>
public sealed record MeteredUsageDue(AccountId Account, string Service, string UsageId) : IInLane
{
    public string Lane => $"meter {Account} {Service}";
}

/// <summary>Writes down what is to be reported, in the transaction of the use itself.</summary>
internal sealed class QueueMeteredUsage(Outbox outbox) : IWithin<PayAsYouGoUsed>
{
    public async Task Happen(Transaction transaction, IReadOnlyList<PayAsYouGoUsed> news, CancellationToken stop)
    {
        foreach (var used in news.Where(used => used.Amount > 0))
        {
            var isNew = await transaction.Execute(
                """
                INSERT INTO metered_usage (account_id, id, service, amount, used_at, own_cents, cents)
                VALUES (@Account, @UsageId, @Service, @Amount, @At, @OwnCents, @Cents)
                ON CONFLICT (account_id, id) DO NOTHING
                """,
                used,
                stop);
            if (isNew == 1)
            {
                await outbox.Publish(transaction, new MeteredUsageDue(used.Account, used.Service, used.UsageId), stop: stop);
            }
        }
    }
}

/// <summary>Tells Stripe, as often as it takes, under the same identifier: it counts once.</summary>
internal sealed class ReportUsage(Database database, StripeClient stripe, StripeCustomerBook customers, TimeProvider clock, ILogger<ReportUsage> log)
    : IJob<MeteredUsageDue>
{
    private const string UsageId = "usage_record_id";

    // Stripe forgets a key after a day.
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(23);

    public async Task Run(MeteredUsageDue news, CancellationToken stop)
    {
        var used = await database.Read(
            session => session.Maybe<Row>(
                "SELECT service, amount, used_at, own_cents FROM metered_usage WHERE account_id = @Account AND id = @UsageId AND reported_at IS NULL AND problem IS NULL", news, stop),
            stop);
        if (used is null)
        {
            return;
        }

        if (await customers.Find(news.Account, stop) is not { } customer)
        {
            await End(news, used, null, "The account is no customer of Stripe's.");
            return;
        }

        try
        {
            await (used.OwnCents is { } cents ? Invoice(news, used, customer, cents, stop) : stripe.SendMeterEvent(
                new StripeMeterEvent
                {
                    EventName = PlanParts.MeterEvent(used.Service),
                    Identifier = news.UsageId,
                    Timestamp = used.UsedAt,
                    CustomerId = customer,
                    Value = used.Amount,
                },
                stop));
        }
        catch (StripeFailure failure) when (failure is { Param: "identifier", IsPassing: false })
        {
            // It has counted this one before: our note of it got lost.
        }
        catch (StripeFailure failure) when (!failure.IsPassing)
        {
            log.LogError("Usage {Usage} of account {Account} is not billed, Stripe refuses it: {Failure}", news.UsageId, news.Account, failure.Message);
            await End(news, used, null, failure.Message);
            return;
        }

        await End(news, used, clock.GetUtcNow(), null);
    }

    // A meter counts at the plan's price. What has another stands on the next invoice as the amount that was shown.
    private async Task Invoice(MeteredUsageDue news, Row used, string customer, long cents, CancellationToken stop)
    {
        var isLate = clock.GetUtcNow() - used.UsedAt > KeyLifetime;
        if (isLate && (await stripe.InvoiceItemsOf(customer, stop)).Any(item => item.Metadata?.GetValueOrDefault(UsageId) == news.UsageId))
        {
            return;
        }

        var payer = (await database.Read(session => SubscriptionRow.Of(session, news.Account, stop), stop))
            .FirstOrDefault(row => row is { IsLive: true, Product: PlanProduct.VoiceFeatures });
        await stripe.CreateInvoiceItem(
            new NewInvoiceItem(
                customer, payer?.Id, cents, PlanParts.Currency, $"{used.Amount} of {used.Service}", new Dictionary<string, string> { [UsageId] = news.UsageId }),
            $"usage:{news.UsageId}",
            stop);
    }

    // Not when it was found meanwhile that no meter counts it.
    private Task End(MeteredUsageDue news, Row used, DateTimeOffset? reportedAt, string? problem) => database.Write(transaction => transaction.Execute(
        """
        UPDATE metered_usage SET reported_at = @reportedAt, problem = @problem
        WHERE account_id = @Account AND id = @UsageId AND COALESCE(own_cents, -1) = @own
        """,
        new { news.Account, news.UsageId, reportedAt, problem, own = used.OwnCents ?? -1 }));

    private sealed class Row
    {
        public required string Service { get; init; }
        public long Amount { get; init; }
        public DateTimeOffset UsedAt { get; init; }
        public long? OwnCents { get; init; }
    }
}
