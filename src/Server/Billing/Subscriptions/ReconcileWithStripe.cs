using Ledgerline.Jobs;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Every night.</summary>
public sealed record ReconciliationDue;

/// <summary>Compares our books with Stripe's; for <c>reconcile</c> on the command line too.</summary>
internal sealed class ReconcileWithStripe(Reconciliation reconciliation, StripeOptions stripe) : IJob<ReconciliationDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    public Task Run(ReconciliationDue news, CancellationToken stop) => stripe.SecretKey is null ? Task.CompletedTask : reconciliation.Run(stop);

    /// <summary>What the operator's verb prints, and its exit code: 1 when there were differences, 2 when Stripe could not be asked.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Lines)> Verb(IServiceProvider services)
    {
        try
        {
            return await services.GetRequiredService<Reconciliation>().Run(CancellationToken.None) is { } report
                ? (report.Differences.Count == 0 ? 0 : 1, report.Lines())
                : (0, ["Nobody has paid through Stripe yet: there is nothing to compare."]);
        }
        catch (StripeFailure failure)
        {
            return (2, [$"Nothing was compared: {failure.Sentence}."]);
        }
    }
}
