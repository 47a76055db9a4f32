using System.Globalization;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// Subscribes, and replaces: an account has one plan of a product, so whoever has one already changes it, with proration, in the
/// same subscription. One at a time for each account and product; what is at Stripe is looked at before anything is done there.
/// </summary>
internal sealed class SubscriptionDesk(
    Database database, StripeClient stripe, StripeCustomerBook customers, SubscriptionOrders orders, SubscriptionSettlement settlement, TimeProvider clock)
{
    /// <summary>Brings the account's subscription of the plan's product to this plan. Null when another request is at it all the time.</summary>
    /// <param name="keep">Writes the answer down in the transaction that stores the subscription.</param>
    /// <param name="onlyChange">Fails when there is none yet.</param>
    /// <exception cref="StripeFailure">Stripe did not do it.</exception>
    /// <exception cref="RefusedSubscription">It cannot be done as wanted.</exception>
    public async Task<OpenedSubscription?> Subscribe(
        WantedPlan wanted, Func<Transaction, OpenedSubscription, Task> keep, CancellationToken stop, bool onlyChange = false)
    {
        var words = $"{wanted.Plan.Id} {string.Join(' ', wanted.Prices)} {wanted.PaymentMethod} {wanted.Coupon} {wanted.PromotionCode}";
        return await orders.Take(wanted.Account, wanted.Plan.Product, words, stop) is { } order
            ? await Finished(order, working => Bring(wanted, order, keep, onlyChange, working), stop)
            : null;
    }

    /// <summary>Does something with the account's subscription of a product, as the only one who does. Null when another request is at it all the time.</summary>
    public async Task<SettledSubscription?> With(
        SubscriptionRow row, string wanted, Func<SubscriptionOrder, CancellationToken, Task> act, Func<Transaction, SettledSubscription, Task> keep,
        CancellationToken stop)
    {
        var order = await orders.Take(row.AccountId, row.Product ?? row.Id, $"{wanted} {row.Id}", stop);
        return order is null ? null : await Finished(
            order,
            async working =>
            {
                await act(order, working);
                return await settlement.Settle(row.Id, null, working, also: keep);
            },
            stop);
    }

    // Null when somebody else has the order now.
    private async Task<T?> Finished<T>(SubscriptionOrder order, Func<CancellationToken, Task<T?>> work, CancellationToken stop)
        where T : class
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(stop, order.Lost);
        var isDone = false;
        try
        {
            var answer = await work(working.Token);
            isDone = true;
            return answer;
        }
        catch (OperationCanceledException) when (order.Lost.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return null;
        }
        catch (StripeFailure failure)
        {
            isDone = !failure.IsPassing;
            throw;
        }
        catch (RefusedSubscription)
        {
            isDone = true;
            throw;
        }
        finally
        {
            await orders.Give(order, isDone);
        }
    }

    private async Task<OpenedSubscription?> Bring(
        WantedPlan wanted, SubscriptionOrder order, Func<Transaction, OpenedSubscription, Task> keep, bool onlyChange, CancellationToken stop)
    {
        var known = onlyChange ? await customers.Find(wanted.Account, stop) : await customers.Ensure(wanted.Account, stop);
        var current = known is null ? null : await Current(wanted, known, stop);
        if (current is null && onlyChange)
        {
            throw new RefusedSubscription("there is no subscription to change; subscribe to the plan instead");
        }

        var (customer, card) = await Attach(wanted, order, current?.CustomerId ?? known!, current is null, stop);
        if (current is { Status: "incomplete" })
        {
            if (current.PlanId == wanted.Plan.Id && wanted.Coupon is null && wanted.PromotionCode is null
                && (card is null || await Declined(await stripe.Subscription(current.Id, stop), stop) is null))
            {
                // The same once more: the customer pays, or confirms, what is waiting to be paid.
                return await Stored(current.Id, keep, stop);
            }

            await stripe.EndSubscription(current.Id, invoiceNow: false, prorate: false, stop);
            await settlement.Settle(current.Id, null, stop);
            current = null;
        }

        return current is null ? await Create(wanted, order, customer, card, keep, stop) : await Change(current, wanted, order, card, keep, stop);
    }

    // The card, saved with the customer. A customer whom Stripe no longer knows is made anew.
    private async Task<(string Customer, string? Card)> Attach(WantedPlan wanted, SubscriptionOrder order, string customer, bool mayForget, CancellationToken stop)
    {
        if (wanted.PaymentMethod is not { } method)
        {
            return (customer, null);
        }

        try
        {
            return (customer, (await stripe.AttachPaymentMethod(method, customer, $"attach:{order.Id}", stop)).Id);
        }
        catch (StripeFailure failure) when (mayForget && failure is { IsMissing: true, Param: "customer" })
        {
            await customers.Forget(wanted.Account, customer, stop);
            customer = await customers.Ensure(wanted.Account, stop);
            return (customer, (await stripe.AttachPaymentMethod(method, customer, $"attach:{order.Id}:2", stop)).Id);
        }
    }

    // Stripe knows of subscriptions that we do not: their events are on the way, or the node died that had made them.
    private async Task<SubscriptionRow?> Current(WantedPlan wanted, string customer, CancellationToken stop)
    {
        var rows = await database.Read(session => SubscriptionRow.Of(session, wanted.Account, stop), stop);
        var there = await SubscriptionsOf(customer, stop);
        var unknown = there.Where(subscription => rows.All(row => row.Id != subscription.Id)).Select(subscription => subscription.Id);
        foreach (var id in unknown.Concat(rows.Where(row => !row.IsOver && row.Product == wanted.Plan.Product).Select(row => row.Id)))
        {
            await settlement.Settle(id, null, stop);
        }

        return (await database.Read(session => SubscriptionRow.Of(session, wanted.Account, stop), stop))
            .Where(row => !row.IsOver && row.Product == wanted.Plan.Product).OrderBy(row => row.Status == "incomplete").FirstOrDefault();
    }

    private async Task<IReadOnlyList<StripeSubscription>> SubscriptionsOf(string customer, CancellationToken stop)
    {
        try
        {
            return await stripe.SubscriptionsOf(customer, stop);
        }
        catch (StripeFailure failure) when (failure.IsMissing)
        {
            return [];
        }
    }

    private async Task<OpenedSubscription> Create(
        WantedPlan wanted, SubscriptionOrder order, string customer, string? card, Func<Transaction, OpenedSubscription, Task> keep, CancellationToken stop)
    {
        var hadTrial = (await database.Read(session => SubscriptionRow.Of(session, wanted.Account, stop), stop))
            .Any(row => row.Product == wanted.Plan.Product && row.TrialStart is not null);
        var request = new SubscriptionRequest(
            customer, wanted.Prices, card, wanted.Coupon, await PromotionCode(wanted, stop), hadTrial ? 0 : wanted.Plan.TrialDays,
            new Dictionary<string, string>
            {
                [SubscriptionMetadata.Account] = wanted.Account.ToString(),
                [SubscriptionMetadata.Plan] = wanted.Plan.Id,
                [SubscriptionMetadata.Version] = wanted.Plan.Version.ToString(CultureInfo.InvariantCulture),
            });
        StripeSubscription made;
        try
        {
            made = await stripe.CreateSubscription(request, $"subscribe:{order.Id}", stop);
        }
        catch (StripeFailure failure) when (failure is { IsMissing: true, Param: "customer" } && card is null)
        {
            await customers.Forget(wanted.Account, customer, stop);
            made = await stripe.CreateSubscription(request with { CustomerId = await customers.Ensure(wanted.Account, stop) }, $"subscribe:{order.Id}:2", stop);
        }

        if (card is not null && made.Status == "incomplete" && await Declined(made, stop) is { } sentence)
        {
            await stripe.EndSubscription(made.Id, invoiceNow: false, prorate: false, stop);
            await settlement.Settle(made.Id, null, stop);
            throw new RefusedSubscription(sentence);
        }

        // A customer who hung up must find what was made.
        return await Stored(made.Id, keep, CancellationToken.None);
    }

    // What the bank said of the card; null when it waits for the customer, or has paid.
    private async Task<string?> Declined(StripeSubscription made, CancellationToken stop) =>
        made.LatestInvoice is { } invoice && (await stripe.Invoice(invoice.Id, stop)).PaymentIntentId is { } id
        && await stripe.PaymentIntent(id, stop) is { Status: "requires_payment_method" or "canceled" } payment
            ? CardDecline.Sentence(payment.LastPaymentError?.Code, payment.LastPaymentError?.DeclineCode)
            : null;

    private async Task<OpenedSubscription> Change(
        SubscriptionRow current, WantedPlan wanted, SubscriptionOrder order, string? card, Func<Transaction, OpenedSubscription, Task> keep, CancellationToken stop)
    {
        if (card is not null)
        {
            await stripe.PaySubscriptionWith(current.Id, card, $"card:{order.Id}", stop);
        }

        await TakeBackUnpaidChange(current, wanted, order, stop);
        if (current.Status is "past_due" or "unpaid")
        {
            await PayWhatIsMissing(current, order, card, stop);
        }

        if (current.CancelAtPeriodEnd)
        {
            await stripe.CancelAtPeriodEnd(current.Id, cancel: false, $"keep:{order.Id}", stop);
        }

        if (await PromotionCode(wanted, stop) is var promotion && (promotion is not null || wanted.Coupon is not null))
        {
            await stripe.DiscountSubscription(current.Id, wanted.Coupon, promotion, $"discount:{order.Id}", stop);
        }

        if (current.PlanId != wanted.Plan.Id || !wanted.Prices.Contains(current.PriceId))
        {
            var there = await stripe.Subscription(current.Id, stop);
            if (there.Currency is { } paid && wanted.Plan.Price is { } price && price.Currency != paid)
            {
                throw new RefusedSubscription($"the plan is sold in {price.Currency}, and what you have is paid in {paid}");
            }

            var at = wanted.ProrationDate ?? Whole(clock.GetUtcNow());
            await Change(SubscriptionChange.Of(there, wanted.Prices, at), $"change:{order.Id}:{at.ToUnixTimeSeconds()}", stop);
        }

        return await Stored(current.Id, keep, CancellationToken.None);
    }

    // Either it is paid at once or nothing changes; but where only the customer's word is missing, the customer can give it.
    private async Task Change(SubscriptionChange change, string key, CancellationToken stop)
    {
        try
        {
            await stripe.ChangeSubscription(change, confirmed: false, key, stop);
        }
        catch (StripeFailure failure) when (failure.WantsConfirmation)
        {
            await stripe.ChangeSubscription(change, confirmed: true, $"{key}:confirmed", stop);
        }
    }

    /// <summary>Stripe counts in whole seconds.</summary>
    public static DateTimeOffset Whole(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());

    // Who asks for what was paid gets it back for nothing. First the price, then the invoice: in between nothing is given that nobody paid.
    private async Task TakeBackUnpaidChange(SubscriptionRow current, WantedPlan wanted, SubscriptionOrder order, CancellationToken stop)
    {
        if (current.PlanId != wanted.Plan.Id || !wanted.Prices.Contains(current.PriceId))
        {
            return;
        }

        var there = await stripe.Subscription(current.Id, stop);
        if (there.AllItems.Any(item => item.Price?.Id == current.PriceId))
        {
            return;
        }

        await stripe.ChangeWithoutProration(SubscriptionChange.Of(there, wanted.Prices, Whole(clock.GetUtcNow())), $"back:{order.Id}", stop);
        foreach (var invoice in (await stripe.InvoicesOf(current.Id, stop)).Where(SubscriptionFacts.IsUnpaidChange))
        {
            await stripe.VoidInvoice(invoice.Id, $"void:{order.Id}:{invoice.Id}", stop);
        }
    }

    private async Task PayWhatIsMissing(SubscriptionRow current, SubscriptionOrder order, string? card, CancellationToken stop)
    {
        foreach (var invoice in (await stripe.InvoicesOf(current.Id, stop)).Where(invoice => invoice is { Status: "open", IsMissed: true }))
        {
            var paid = await stripe.PayInvoice(invoice.Id, card, $"pay:{order.Id}:{invoice.Id}", stop);
            if (!paid.IsPaid)
            {
                throw new RefusedSubscription("the last invoice is still unpaid; pay it first, or use another card");
            }
        }
    }

    private async Task<string?> PromotionCode(WantedPlan wanted, CancellationToken stop)
    {
        if (wanted.PromotionCode is not { } code || code.StartsWith("promo_", StringComparison.Ordinal))
        {
            return wanted.PromotionCode;
        }

        return (await stripe.PromotionCode(code, active: true, stop))?.Id ?? throw new RefusedSubscription(
            await stripe.PromotionCode(code, active: false, stop) is null
                ? PaymentRefusal.NoPromotionCode
                : "the promotion code has expired or was used up; leave it out, or use another");
    }

    private async Task<OpenedSubscription> Stored(string id, Func<Transaction, OpenedSubscription, Task> keep, CancellationToken stop)
    {
        var settled = await settlement.Settle(id, null, stop, also: (transaction, settled) => keep(transaction, OpenedSubscription.Of(settled.Stripe)));
        return OpenedSubscription.Of((settled ?? throw StripeFailure.Unreadable($"Stripe made subscription {id} for a customer who is not ours.")).Stripe);
    }
}
