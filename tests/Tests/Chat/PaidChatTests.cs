using System.Collections.Concurrent;
using System.Net;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Chat;

public class PaidChatTests
{
    [Theory, EveryDatabase]
    public async Task A_room_that_is_paid_with_credits_charges_the_tokens_and_counts_no_message(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token, "Paid", "credits");
        using (var poor = await world.Client.Say(token, room, "Hello"))
        {
            Assert.Equal(HttpStatusCode.PaymentRequired, poor.StatusCode);
            Assert.Equal("INSUFFICIENT_CREDITS", (await poor.Json()).GetProperty("detail").Text("code"));
        }

        var account = await world.AccountOf(token);
        await world.Get<Ledger>().Grant(new GrantOrder(account, Unit.Credit, "purchase", "p1", Credits.Whole(100), "test"));
        ConcurrentQueue<string> statements = [];
        world.Database.Engine.Watch = statements.Enqueue;
        await world.Client.Post(token, room, "Hello");
        await world.Client.Until(token, room, 2);
        await Settled(world);
        world.Database.Engine.Watch = null;
        AssertStreamsAreLockedLast([.. statements]);

        var balance = await world.Get<Ledger>().Balance(account, Unit.Credit);
        Assert.True(balance.Available < Credits.Whole(100) && balance.Available > Credits.Whole(90), $"{balance.Available}");
        var row = await world.Database.Read(session => session.One<(long Charged, long Input, long Output, string Funding)>(
            "SELECT credits_micro, input_tokens, output_tokens, funding FROM usage_records"));
        Assert.Equal(Credits.Whole(100).Micro - balance.Available.Micro, row.Charged);
        Assert.True(row is { Input: > 0, Output: > 0, Funding: "credits" });
        Assert.Equal(0, (await world.Client.Usage(token)).GetProperty("used_today").GetInt32());
    }

    // The one order of locks: where a charge's event locked the account's stream before the answer locked the account, two nodes met in deadlocks.
    private static void AssertStreamsAreLockedLast(List<string> statements)
    {
        var streams = false;
        foreach (var sql in statements)
        {
            var locks = sql.Contains("CROSS JOIN chat_accounts", StringComparison.Ordinal);
            Assert.False(streams && locks, "An account is locked after its stream.");
            streams = sql != Transaction.Commit && (streams || sql.Contains("INSERT INTO event_streams", StringComparison.Ordinal));
        }

        Assert.Contains(statements, sql => sql.Contains("CROSS JOIN chat_accounts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_other_model_answers_for_money_of_its_own()
    {
        await using var world = await Rooms.World("sqlite", ("CHAT_FALLBACK_MODEL", "gpt-5-mini"));
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token, "Paid", "credits");
        var account = await world.AccountOf(token);
        await world.Get<Ledger>().Grant(new GrantOrder(account, Unit.Credit, "purchase", "p1", Credits.Whole(100), "test"));
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 503 });
        await world.Client.Post(token, room, "Hello");
        await world.Client.Until(token, room, 2);
        await Settled(world);
        Assert.Equal(["captured gpt-5-mini", "released "], await world.Database.Read(session => session.List<string>(
            "SELECT h.status || ' ' || COALESCE(u.model, '') FROM holds h LEFT JOIN usage_records u ON u.hold_id = h.id ORDER BY 1")));
    }

    [Fact]
    public async Task What_cannot_be_answered_costs_nothing()
    {
        await using var world = await Rooms.World();
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token, "Paid", "credits");
        var account = await world.AccountOf(token);
        await world.Get<Ledger>().Grant(new GrantOrder(account, Unit.Credit, "purchase", "p1", Credits.Whole(100), "test"));
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 400 });
        await world.Client.Post(token, room, "Hello");
        await world.Client.Until(token, room, 2);
        await Settled(world);
        Assert.Equal(Credits.Whole(100), (await world.Get<Ledger>().Balance(account, Unit.Credit)).Available);
    }

    [Fact]
    public async Task Pro_is_bought_on_stripes_page_and_ends_with_the_paid_period()
    {
        await using var world = await Rooms.World("sqlite", ("STRIPE_SYNC_CATALOGUE", "true"));
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        for (var i = 0; i < 5; i++)
        {
            await world.Client.Post(token, room, $"message {i}");
        }

        using (var refused = await world.Client.Say(token, room, "one more"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        var page = (await Rooms.Ok(await world.Client.Send(HttpMethod.Post, "/subscription/pro", token))).Text("checkout_url")!;
        var session = (await world.Control("/_sandbox/requests?provider=stripe&limit=50")).EnumerateArray()
            .First(request => request.Text("path")!.EndsWith("/checkout/sessions", StringComparison.Ordinal));
        Assert.Contains("mode=subscription", session.GetProperty("body").ToString(), StringComparison.Ordinal);
        Assert.Equal("basic", await Status(world, token));

        var id = new Uri(page).Segments.Last(segment => segment.StartsWith("cs_", StringComparison.Ordinal)).Trim('/');
        await world.Control($"/_sandbox/stripe/checkout/{id}", new { card = "4242424242424242" });
        await TestWorld.Until(async () => await Status(world, token) == "pro", "Pro has begun");
        await world.Client.Post(token, room, "one more");
        Assert.Equal("unlimited", (await world.Client.Usage(token)).Text("remaining"));
        await People.Refused(HttpStatusCode.BadRequest, "Already subscribed to Pro", await world.Client.Send(HttpMethod.Post, "/subscription/pro", token));
        Assert.Equal("pro", (await world.Client.Me(token)).Text("subscription"));

        using (var cancelled = await world.Client.Send(HttpMethod.Post, "/payments/cancel-subscription", token))
        {
            await Rooms.Ok(cancelled);
        }

        Assert.Equal("pro", await Status(world, token));
        world.Clock.Advance(TimeSpan.FromDays(6));
        token = await world.Client.SignInAgain();
        Assert.Equal("pro", await Status(world, token));
        world.Clock.Advance(TimeSpan.FromDays(26));
        token = await world.Client.SignInAgain();
        await TestWorld.Until(async () => await Status(world, token) == "basic", "Pro has ended");
        Assert.Equal(5, (await world.Client.Usage(token)).GetProperty("daily_limit").GetInt32());
    }

    [Fact]
    public async Task Without_stripe_there_is_no_page()
    {
        await using var world = await Rooms.World("sqlite", ("STRIPE_SYNC_CATALOGUE", "true"));
        var token = await world.Client.SignedIn();
        await world.Control("/_sandbox/faults", new { provider = "stripe", times = 100, status = 500 });
        await People.Refused(HttpStatusCode.BadRequest, "Payment provider unavailable", await world.Client.Send(HttpMethod.Post, "/subscription/pro", token));
        await world.Sandbox.DeleteAsync("/_sandbox/faults");
    }

    private static async Task<string?> Status(TestWorld world, string token) => (await Rooms.Ok(await world.Client.Send(HttpMethod.Get, "/subscription/status", token))).Text("status");

    private static Task Settled(TestWorld world) => TestWorld.Until(
        async () => await world.Database.Read(session => session.One<long>(
            "SELECT (SELECT COUNT(*) FROM jobs WHERE pool <> '') + (SELECT COUNT(*) FROM holds WHERE status = 'open')")) == 0,
        "the job has ended, and what it held is resolved");
}
