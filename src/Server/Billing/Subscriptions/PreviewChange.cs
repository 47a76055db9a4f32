using Ledgerline.Http;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>POST /payments/preview-change</c>: what another plan would cost at this moment. Nothing is changed.</summary>
internal static class PreviewChange
{
    private const string What = "Failed to preview the change";

    /// <param name="PlanName">The other plan's id.</param>
    public sealed record Request(string? PlanName);

    /// <param name="ProrationDate">Give it to change-plan within the hour, and the change costs this.</param>
    /// <param name="AmountDue">Charged at once, in minor units.</param>
    /// <param name="Total">Negative where the customer gets something back, as a credit for the next invoices.</param>
    public sealed record Answer(
        bool Success, string SubscriptionId, string? CurrentPlan, string PlanName, long ProrationDate, long AmountDue, long Total, string Currency,
        IReadOnlyList<Line> Lines);

    /// <param name="Amount">In minor units; negative for time that is given back.</param>
    /// <param name="Proration">For a part of a period.</param>
    public sealed record Line(string? Description, long Amount, bool Proration);

    public static async Task<IResult> Handle(
        Body<Request> body, CurrentAccount account, Database database, PlanCatalog catalog, PlanPriceBook prices, StripeClient stripe, Kernel.Ids ids,
        TimeProvider clock, ILogger<SubscriptionDesk> log, CancellationToken stop)
    {
        var planName = body.Value.PlanName ?? throw Invalid.Missing("body", "plan_name");
        if (await ChangePlan.Sold(catalog, planName, stop) is not { } plan)
        {
            return PaymentRefusal.Of(What, "there is no such plan");
        }

        var row = (await database.Read(session => SubscriptionRow.Of(session, account.Id, stop), stop))
            .FirstOrDefault(row => row.IsLive && row.Product == plan.Product);
        if (row is null)
        {
            return Refusal.NotFound(CancelSubscription.NoneFound);
        }

        try
        {
            var wanted = await prices.PricesOf(plan, stop);
            if (wanted.Count == 0)
            {
                return PaymentRefusal.Of(What, "the plan is not sold here");
            }

            var at = SubscriptionDesk.Whole(clock.GetUtcNow());
            var change = SubscriptionChange.Of(await stripe.Subscription(row.Id, stop), wanted, at);
            var preview = await stripe.PreviewChange(row.CustomerId, change, $"preview:{ids.Text()}", stop);
            return TypedResults.Ok(new Answer(
                true, row.Id, row.PlanId, plan.Id, at.ToUnixTimeSeconds(), preview.AmountDue, preview.Total, preview.Currency ?? "usd",
                [.. (preview.Lines?.Data ?? []).Select(line => new Line(line.Description, line.Amount, line.IsProration))]));
        }
        catch (StripeFailure failure)
        {
            log.LogWarning("The change of {Subscription} to {Plan} could not be previewed: {Failure}", row.Id, plan.Id, failure.Message);
            return PaymentRefusal.Of(What, failure);
        }
    }
}
