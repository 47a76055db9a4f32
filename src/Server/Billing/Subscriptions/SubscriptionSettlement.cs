using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// The one function that makes our books agree with Stripe about a subscription, whoever asks: the customer who subscribes, a
/// webhook, a job, or the nightly comparison. Any order of events, and any number of repeats, end in the same books.
/// </summary>
internal sealed class SubscriptionSettlement(
    Database database, StripeClient stripe, PlanPriceBook prices, PaymentBook payments, SubscriptionEffects effects,
    PriceOptions options, TimeProvider clock, ILogger<SubscriptionSettlement> log)
{
    /// <summary>
    /// Settles the subscription. News, when there are any, are stored in the very transaction of their effect; news of a customer who
    /// is not known yet are stored and wait. Null when nobody knows it, or the news had been taken before.
    /// </summary>
    /// <param name="payment">The payment that the news are about, when they are about one.</param>
    /// <param name="also">Written in the same transaction.</param>
    /// <exception cref="StripeFailure">Stripe could not be asked: nothing was stored, so the news have to come again.</exception>
    public async Task<SettledSubscription?> Settle(
        string id, ReceivedEvent? news, CancellationToken stop, string? payment = null, Func<Transaction, SettledSubscription, Task>? also = null)
    {
        while (true)
        {
            var (version, before, known) = await database.Read(
                async session => (
                    await StripeObjects.Version(session, id, stop),
                    await SubscriptionRow.Find(session, id, stop),
                    news is not null && await ProviderEvents.Knows(session, news.Event.Id, stop)),
                stop);
            if (known)
            {
                return null;
            }

            var facts = await SubscriptionFacts.Ask(stripe, id, before, news?.Event, payment, stop);
            if (facts is null)
            {
                // Nothing is known of it and nothing can be learnt.
                return news is null ? null : await Keep(news, stop);
            }

            var plan = await prices.PlanOf(facts.Unpaid?.Before(facts.Subscription) ?? facts.Subscription, before, stop);
            var sold = await prices.PlansOf(facts.Invoices.SelectMany(invoice => invoice.Lines?.Data ?? []).Select(line => line.PriceId).OfType<string>(), stop);
            var (current, settled) = await database.Write(
                async transaction =>
                {
                    if (await StripeObjects.Lock(transaction, id, stop) != version)
                    {
                        return (false, null);
                    }

                    var account = before?.AccountId ?? await StripeCustomerBook.AccountOf(transaction, facts.Subscription.Customer, stop);
                    return (true, account is { } owner
                        ? await Agree(transaction, new Judging(owner, before, facts, plan?.Plan, plan?.PriceId, sold), news, also, stop)
                        : await LetWait(transaction, facts, news, stop));
                },
                stop);
            // Somebody else has settled meanwhile: what Stripe told us may be older than what it told him.
            if (current)
            {
                return settled;
            }
        }
    }

    private async Task<SettledSubscription?> Keep(ReceivedEvent news, CancellationToken stop)
    {
        await database.Write(transaction => ProviderEvents.Keep(transaction, ProviderEvents.Stripe, news, stop), stop);
        return null;
    }

    private static async Task<SettledSubscription?> LetWait(Transaction transaction, SubscriptionFacts facts, ReceivedEvent? news, CancellationToken stop)
    {
        if (news is not null)
        {
            await ProviderEvents.LetWait(transaction, news, facts.Subscription.Customer ?? facts.Subscription.Id, stop);
        }

        return null;
    }

    private async Task<SettledSubscription?> Agree(
        Transaction transaction, Judging judging, ReceivedEvent? news, Func<Transaction, SettledSubscription, Task>? also, CancellationToken stop)
    {
        var (facts, before, now) = (judging.Facts, judging.Before, clock.GetUtcNow());
        var id = facts.Subscription.Id;
        if (news is not null && !await ProviderEvents.Apply(transaction, news, id, now, stop))
        {
            return null;
        }

        if (news is not null && Disputes.IsAbout(news.Event.Type) && facts.RefundsOf is { } disputed
            && news.Event.SubjectAs<StripeDispute>() is { } dispute)
        {
            await Disputes.Note(transaction, disputed, dispute, news.Event.Created, stop);
        }

        var after = IsOutdated(before, facts) ? before! : Judge(judging, now);
        var paid = await NotePayments(transaction, judging, stop);
        if (after != before)
        {
            await after.Save(transaction, now, stop);
            await effects.Follow(transaction, before, after, judging.Plan?.Name ?? "subscription", now, stop);
        }

        if (after != before || paid || news is not null)
        {
            await StripeObjects.Changed(transaction, id, stop);
        }

        var settled = new SettledSubscription(after, facts.Subscription);
        if (also is not null)
        {
            await also(transaction, settled);
        }

        return settled;
    }

    // What could not be asked for is only as good as its time; but an end is an end, and nothing revives what is over.
    private static bool IsOutdated(SubscriptionRow? before, SubscriptionFacts facts) => facts.BelievedAt is { } told && before is not null
        && (facts.Subscription.IsOver ? before.IsOver && told < before.BelievedAt : before.IsOver || told < before.BelievedAt);

    private SubscriptionRow Judge(Judging judging, DateTimeOffset now)
    {
        var (subscription, facts, before, plan) = (judging.Facts.Subscription, judging.Facts, judging.Before, judging.Plan);
        if (plan is null)
        {
            log.LogError("Subscription {Subscription} of account {Account} has no price of ours, so it gives nothing", subscription.Id, judging.Account);
        }

        var start = subscription.PeriodStart ?? before?.PeriodStart ?? subscription.Created ?? now;
        var row = new SubscriptionRow
        {
            AccountId = judging.Account,
            Id = subscription.Id,
            CustomerId = subscription.Customer ?? before?.CustomerId ?? "",
            Product = plan?.Product,
            PlanId = plan?.Id,
            PlanVersion = plan?.Version,
            PriceId = judging.PriceId ?? (subscription.AllItems is [{ Price: { } price }, ..] ? price.Id : null),
            Status = subscription.Status,
            PeriodStart = start,
            PeriodEnd = facts.Unpaid?.PaidUntil ?? subscription.PeriodEnd ?? before?.PeriodEnd ?? start,
            CancelAtPeriodEnd = subscription.CancelAtPeriodEnd,
            CancelAt = subscription.CancelAt,
            CanceledAt = subscription.CanceledAt,
            EndedAt = subscription.EndedAt,
            TrialStart = subscription.TrialStart,
            TrialEnd = subscription.TrialEnd,
            PastDueSince = facts.PastDueSince,
            DunningStep = Dunning.None,
            BelievedAt = facts.BelievedAt is { } told && (before?.BelievedAt is not { } last || told > last) ? told : before?.BelievedAt,
            CreatedAt = before?.CreatedAt ?? subscription.Created ?? now,
        };
        row = row with { AccessEndsAt = AccessEndsAt(row, facts, plan), DunningStep = Dunning.Step(row, options.Grace, now) };
        return row with { ReviewAt = Dunning.Next(row, options.Grace, now) };
    }

    // What was paid for and no more: of a subscription that has ended, and of one whose newest change is not paid. Nobody's cancelling
    // makes the grace of a missing payment longer.
    private static DateTimeOffset? AccessEndsAt(SubscriptionRow row, SubscriptionFacts facts, Plan? plan) => row switch
    {
        _ when facts.Unpaid is { } unpaid => row.CancelAt < unpaid.PaidUntil ? row.CancelAt : unpaid.PaidUntil,
        { Status: "past_due" or "unpaid" } => null,
        { Status: not "canceled" } => row.CancelAt,
        // What is used afterwards could not be billed.
        _ when plan?.IsUsageBased == true => row.EndedAt ?? row.CanceledAt ?? row.PeriodStart,
        _ when facts.PeriodInvoice is null or { IsPaid: true } => row.PeriodEnd,
        _ when facts.PeriodInvoice.BillingReason == "subscription_cycle" => row.PeriodStart,
        { TrialEnd: { } trial } => trial,
        _ => row.CreatedAt,
    };

    private async Task<bool> NotePayments(Transaction transaction, Judging judging, CancellationToken stop)
    {
        var known = (await PaymentRow.OfSubscription(transaction, judging.Facts.Subscription.Id, stop)).ToDictionary(row => row.InvoiceId ?? "");
        var isNews = false;
        foreach (var invoice in judging.Facts.Invoices.Where(invoice => invoice.IsPaid))
        {
            var seen = judging.Seen(invoice, clock.GetUtcNow());
            var concerned = invoice.PaymentIntentId is { } payment && payment == judging.Facts.RefundsOf;
            // One statement for each invoice that is new or that the news are about; the others stand as they are.
            if (concerned || !known.TryGetValue(invoice.Id, out var before) || before.PaymentIntentId != (seen.PaymentIntentId ?? before.PaymentIntentId)
                || before.AmountMinor != seen.AmountMinor || before.Description != seen.Description)
            {
                isNews |= await payments.Note(
                    transaction, seen, concerned ? PaymentBook.Refunded(judging.Facts.Refunds, seen.Currency, seen.AmountMinor) : null, stop);
            }
        }

        return isNews;
    }

    private sealed record Judging(
        AccountId Account, SubscriptionRow? Before, SubscriptionFacts Facts, Plan? Plan, string? PriceId, IReadOnlyDictionary<string, string> Sold)
    {
        public PaymentRow Seen(StripeInvoice invoice, DateTimeOffset now) => new()
        {
            AccountId = Account,
            SubscriptionId = Facts.Subscription.Id,
            InvoiceId = invoice.Id,
            PaymentIntentId = invoice.PaymentIntentId,
            AmountMinor = invoice.AmountPaid,
            Currency = (invoice.Currency ?? Facts.Subscription.Currency ?? "usd").ToLower(CultureInfo.InvariantCulture),
            PaymentType = PaymentRow.Subscription,
            Description = $"Payment for {PlanPaid(invoice) ?? Plan?.Id ?? "subscription"}",
            CreatedAt = invoice.StatusTransitions?.PaidAt ?? invoice.Created ?? now,
        };

        // What was paid then, not what the subscription has become since.
        private string? PlanPaid(StripeInvoice invoice) => (invoice.Lines?.Data ?? []).OrderByDescending(line => line.Amount)
            .Select(line => line.PriceId is { } price ? Sold.GetValueOrDefault(price) : null).FirstOrDefault(plan => plan is not null);
    }
}

/// <summary>How a subscription stands after it was settled, and as Stripe has it.</summary>
internal sealed record SettledSubscription(SubscriptionRow Row, StripeSubscription Stripe);
