using Ledgerline.Plans;
using Tests.Billing.Subscriptions;
using Tests.World;
using Xunit;

namespace Tests.Stories;

/// <summary>
/// A year of one business account, from its trial to the end of its plan. After each step status, entitlement, invoices, payments and
/// mails say the same, to the cent.
/// </summary>
internal static class YearOfBilling
{
    private const long Basic = 4999;
    private const long Professional = 9900;
    private static readonly TimeSpan OneCall = TimeSpan.FromMinutes(10);

    public static async Task Pass(string engine)
    {
        await using var year = await Year.Begin(engine);

        await year.Shows("no_subscription", plan: null);
        for (var call = 4; call > 0; call--)
        {
            Assert.Equal(call, (await year.Permission()).Standing.Trial.Remaining);
            Assert.True(await year.Calls());
        }

        Assert.Equal(AllowanceStatus.TrialExhausted, (await year.Permission()).Status);
        Assert.False(await year.Calls());

        await year.Subscriber.Subscribe("business_basic");
        await year.Shows("active", "business_basic", Basic);
        for (var call = 20; call > 0; call--)
        {
            Assert.True(await year.Calls());
        }

        Assert.False(await year.Calls());
        Assert.Equal(AllowanceStatus.WeeklyLimitReached, (await year.Permission()).Status);

        var charged = await year.UpgradeInTheMiddle();
        await year.Shows("active", "business_professional", Basic, charged);
        Assert.Equal(50, (await year.Permission()).Standing.CallsRemainingThisWeek);

        long[] paid = [Basic, charged];
        for (var month = 0; month < 4; month++)
        {
            await year.Shop.PassMonth();
            await year.Shows("active", "business_professional", paid = [.. paid, Professional]);
            Assert.Equal(50, (await year.Permission()).Standing.CallsRemainingThisWeek);
        }

        await year.CardStopsPaying();
        await year.Shop.PassMonth();
        await year.Shows("past_due", "business_professional", paid);
        await year.Subscriber.Mailed("payment-failed");
        await year.Shop.Pass(TimeSpan.FromDays(2));
        await year.Shows("past_due", "business_professional", paid);
        Assert.True(await year.Calls());
        await year.Subscriber.Mailed("payment-failed", "payment-reminder");
        await year.Shop.Pass(TimeSpan.FromDays(1));
        await year.Subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted");
        await year.Shows("past_due", plan: null, paid);
        Assert.False(await year.Calls());

        await year.CardPaysAgain();
        await year.Shows("active", "business_professional", paid = [.. paid, Professional]);
        await year.Subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted", "payment-recovered");
        Assert.True(await year.Calls());

        while (year.Passed < TimeSpan.FromDays(330))
        {
            await year.Shop.PassMonth();
            await year.Shows("active", "business_professional", paid = [.. paid, Professional]);
        }

        await year.Subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=true");
        Assert.True((await year.Subscriber.Status()).GetProperty("cancel_at_period_end").GetBoolean());
        await year.Shows("active", "business_professional", paid);
        await year.Shop.PassMonth();
        await year.Shows("no_subscription", plan: null, paid);
        await year.Subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted", "payment-recovered", "subscription-canceled");
        Assert.False(await year.Calls());
        Assert.True(year.Passed > TimeSpan.FromDays(355), $"Only {year.Passed} have passed.");
        // Nobody paid for credits, and nobody got any.
        Assert.Equal(0, await year.Shop.Row<long>("SELECT COUNT(*) FROM ledger_entries"));
    }

    private sealed class Year(PlanShop shop, Subscriber subscriber) : IAsyncDisposable
    {
        private readonly DateTimeOffset began = shop.World.Clock.GetUtcNow();
        private int calls;

        public PlanShop Shop => shop;
        public Subscriber Subscriber => subscriber;
        public TimeSpan Passed => shop.World.Clock.GetUtcNow() - began;

        public static async Task<Year> Begin(string engine)
        {
            var shop = await PlanShop.Open(engine);
            return new Year(shop, await shop.NewSubscriber());
        }

        public Task<Verdict> Permission() => shop.Get<Entitlements>().May(subscriber.Account, Want.Call());

        /// <summary>Places one call of a minute, if it may.</summary>
        public async Task<bool> Calls()
        {
            var (door, key) = (shop.Get<Entitlements>(), $"call-{++calls}");
            var isAllowed = (await door.Reserve(subscriber.Account, Want.Call(), key, OneCall)).Verdict.IsAllowed;
            Assert.Equal(isAllowed, await door.Complete(subscriber.Account, key, 20) is not null);
            return isAllowed;
        }

        /// <summary>What a customer, an operator and Stripe would each say, after one another.</summary>
        public async Task Shows(string status, string? plan, params long[] paid)
        {
            await subscriber.Becomes(status);
            await subscriber.Has(plan, PlanProduct.Calls);
            var shown = await subscriber.Status();
            Assert.Equal(status != "no_subscription", shown.GetProperty("has_subscription").GetBoolean());
            await TestWorld.Until(async () => (await Amounts()).SequenceEqual(paid), $"{string.Join(", ", paid)} are paid");
            Assert.Equal(paid, await PaidAtStripe());
            Assert.Equal(paid.Sum(), await shop.Row<long>("SELECT CAST(COALESCE(SUM(amount_minor), 0) AS bigint) FROM payments WHERE status = 'succeeded'"));
            var stats = await subscriber.Ask(HttpMethod.Get, "/usage-stats");
            Assert.Equal(plan is not null, stats.GetProperty("is_subscribed").GetBoolean());
            Assert.Equal(plan ?? "business_free_trial", stats.GetProperty("subscription_tier").GetString());
        }

        /// <summary>At half of the period; answers what it cost, which is what the preview said.</summary>
        public async Task<long> UpgradeInTheMiddle()
        {
            var half = TimeSpan.FromMilliseconds(await shop.Row<long>("SELECT (period_end - period_start) / 2 FROM subscriptions"));
            var start = DateTimeOffset.FromUnixTimeMilliseconds(await shop.Row<long>("SELECT period_start FROM subscriptions"));
            await shop.Heard();
            shop.World.Clock.SetNow(start + half);
            await shop.Heard();
            var preview = await subscriber.Ask(HttpMethod.Post, "/payments/preview-change", new { plan_name = "business_professional" });
            var (at, due) = (preview.GetProperty("proration_date").GetInt64(), preview.GetProperty("amount_due").GetInt64());
            var left = 1 - (decimal)(at - start.ToUnixTimeSeconds()) / (long)(half * 2).TotalSeconds;
            Assert.Equal(Cents(Professional * left) - Cents(Basic * left), due);
            await subscriber.Ask(HttpMethod.Post, "/payments/change-plan", new { plan_name = "business_professional", proration_date = at });
            return due;
        }

        public async Task CardStopsPaying() => await shop.PayWith(subscriber, await Subscription(), "pm_card_chargeCustomerFail");

        public async Task CardPaysAgain() =>
            await shop.World.Control($"/_sandbox/stripe/subscriptions/{await Subscription()}/pay", new { card = "4242424242424242" });

        public ValueTask DisposeAsync() => shop.DisposeAsync();

        private static long Cents(decimal amount) => (long)Math.Round(amount, MidpointRounding.AwayFromZero);

        private Task<string> Subscription() => shop.Row<string>("SELECT id FROM subscriptions");

        private async Task<IEnumerable<long>> Amounts() => (await subscriber.History()).Reverse().Select(record => record.GetProperty("amount").GetInt64());

        private async Task<long[]> PaidAtStripe() => await shop.CustomerOf(subscriber.Account) is not { } customer ? [] :
            [.. (await shop.Stripe($"invoices?customer={customer}&status=paid&limit=100")).GetProperty("data").EnumerateArray()
                .Select(invoice => invoice.GetProperty("amount_paid").GetInt64()).Where(amount => amount > 0).Reverse()];
    }
}
