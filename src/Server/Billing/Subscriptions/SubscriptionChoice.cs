using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// Which subscription is meant where a client names none: clients know one. The named plan's, else one that gives something before
/// one that does not, the voice products' before the chat's, the newest first.
/// </summary>
internal static class SubscriptionChoice
{
    /// <summary>Null when there is none that is not over.</summary>
    public static async Task<SubscriptionRow?> Of(Database database, AccountId account, string? planName, CancellationToken stop) => Best(
        (await database.Read(session => SubscriptionRow.Of(session, account, stop), stop))
            .Where(row => !row.IsOver && (planName is null || row.PlanId == planName)));

    /// <summary>The one to show; one that is over too, when there is no other.</summary>
    public static SubscriptionRow? Shown(IReadOnlyList<SubscriptionRow> rows, DateTimeOffset now) =>
        Best(rows.Where(row => !row.IsOver || row.RunsOut(now)));

    private static SubscriptionRow? Best(IEnumerable<SubscriptionRow> newestFirst) =>
        newestFirst.OrderBy(row => row.IsLive ? 0 : row.Status == "canceled" ? 1 : 2).ThenBy(row => row.Product == PlanProduct.ChatPro).FirstOrDefault();
}
