using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>It is time to ask Stripe about checkouts of which nothing was heard.</summary>
public sealed record CheckoutReviewDue;

/// <summary>
/// Asks Stripe itself where its events may have been lost for good: a paid customer gets the credits although no webhook arrived
/// and nobody came back to the page.
/// </summary>
internal sealed class ReviewCheckouts(Database database, CheckoutSettlement settlement, TimeProvider clock, ILogger<ReviewCheckouts> log)
    : IJob<CheckoutReviewDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan First = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    /// <summary>One hour after the order, then each time as late again; null when money will no longer come.</summary>
    public static DateTimeOffset? Next(CheckoutOrder order, DateTimeOffset now)
    {
        var age = now - order.CreatedAt;
        return age < First ? order.CreatedAt + First : age < LongestWait ? order.CreatedAt + (age * 2) : null;
    }

    public async Task Run(CheckoutReviewDue news, CancellationToken stop)
    {
        var due = await database.Read(session => CheckoutOrders.Due(session, clock.GetUtcNow(), stop), stop);
        foreach (var order in due)
        {
            try
            {
                await settlement.Settle(order.SessionId!, null, stop);
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Checkout {SessionId} could not be reviewed: {Failure}", order.SessionId, failure.Message);
            }

            await database.Write(transaction => CheckoutOrders.PutOff(transaction, order, Next(order, clock.GetUtcNow()), stop), stop);
        }
    }
}
