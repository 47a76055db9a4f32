using Ledgerline.Plans;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>A payment that is missing: grace, a mail at each step, restricted, and back at once.</summary>
public sealed class DunningTests
{
    [Theory, EveryDatabase]
    public async Task Grace_then_restricted_then_back_with_the_payment_each_step_with_one_mail(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var (subscriber, id) = await shop.Unpaid();
        await subscriber.Becomes("past_due");
        Assert.Equal("basic_monthly", await subscriber.Plan());
        await subscriber.Mailed("payment-failed");

        await shop.Pass(TimeSpan.FromDays(2));
        Assert.Equal("basic_monthly", await subscriber.Plan());
        await subscriber.Mailed("payment-failed", "payment-reminder");

        await shop.Pass(TimeSpan.FromDays(1));
        await subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted");
        Assert.Null(await subscriber.Plan());
        Assert.False((await shop.Get<Entitlements>().May(subscriber.Account, Want.Call())).Standing.IsSubscribed);

        await shop.World.Control($"/_sandbox/stripe/subscriptions/{id}/pay", new { card = "4242424242424242" });
        await subscriber.Has("basic_monthly");
        await subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted", "payment-recovered");
        Assert.Equal("active", await subscriber.StatusWord());
        Assert.Equal("4999 succeeded Payment for basic_monthly, 4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Null(await shop.Row<long?>("SELECT past_due_since FROM subscriptions"));
    }

    [Fact]
    public async Task When_nobody_pays_Stripe_ends_it_and_the_customer_is_told()
    {
        await using var shop = await PlanShop.Open();
        await shop.World.Control("/_sandbox/stripe/dunning", new { retry_days = new[] { 1, 3, 5 }, then = "cancel", upcoming_days = 7 });
        var (subscriber, _) = await shop.Unpaid();
        for (var day = 0; day < 7; day++)
        {
            await shop.Pass(TimeSpan.FromDays(1));
        }

        await subscriber.Becomes("no_subscription");
        Assert.Null(await subscriber.Plan());
        await subscriber.Mailed("payment-failed", "payment-reminder", "plan-restricted", "subscription-canceled");
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
    }

    [Fact]
    public async Task The_length_of_grace_is_the_operator_s()
    {
        await using var shop = await PlanShop.Open(settings: new() { ["GRACE_DAYS"] = "5" });
        var (subscriber, _) = await shop.Unpaid();
        await shop.Pass(TimeSpan.FromDays(3.5));
        Assert.Equal("basic_monthly", await subscriber.Plan());
        await subscriber.Mailed("payment-failed");
        // Both steps pass at once: only the one that counts now is told.
        await shop.Pass(TimeSpan.FromDays(2));
        await subscriber.Mailed("payment-failed", "plan-restricted");
        Assert.Null(await subscriber.Plan());
    }

    [Fact]
    public async Task The_mails_arrive_and_say_until_when()
    {
        await using var shop = await PlanShop.Open();
        var (subscriber, _) = await shop.Unpaid();

        await TestWorld.Until(
            async () => (await shop.World.Control($"/_sandbox/messages?to={subscriber.Email}")).EnumerateArray()
                .Any(mail => mail.ToString().Contains("Your payment for Basic Monthly failed", StringComparison.Ordinal)),
            "the mail has arrived");
    }
}
