using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Persistence;
using Tests.Wallet;
using Xunit;

namespace Tests.Usage;

/// <summary>The meter's promise: each authorization ends once, in a settlement or a release.</summary>
public sealed class MeterTests
{
    [Theory, EveryDatabase]
    public async Task An_authorization_is_settled_once_however_often_one_tries(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = MeterOf(world);
        var authorization = await Authorize(meter, world, seconds: 31);

        var first = await meter.Settle(authorization, new Receipt(new Consumption(BilledSeconds: 46), "done", new { }));
        var second = await meter.Settle(authorization, new Receipt(new Consumption(BilledSeconds: 600), "done", new { }));
        await meter.Release(authorization);

        Assert.Equal(new Settlement(Credits.Whole(4), Credits.Whole(6), 31) { UseKey = authorization.Use.Key }, first);
        Assert.Equal(first, second);
        Assert.Equal((6, 0), await world.Balance());
        Assert.Equal(1, await UsageRows(world));
    }

    [Theory, EveryDatabase]
    public async Task A_release_gives_back_and_later_news_of_use_are_still_booked(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = MeterOf(world);
        var authorization = await Authorize(meter, world, seconds: 31);
        Assert.Equal((7, 0), await world.Balance());

        await meter.Release(authorization);
        await meter.Release(authorization);
        Assert.Equal((10, 0), await world.Balance());

        await meter.Settle(authorization, new Receipt(new Consumption(), "done", new { }));
        Assert.Equal((7, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Use_that_ends_after_its_hold_expired_is_booked(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(3);
        var meter = MeterOf(world);
        var authorization = await Authorize(meter, world, seconds: 31);
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await world.Ledger.Sweep());
        var other = await Authorize(meter, world, seconds: 31);

        var settled = await meter.Settle(authorization, new Receipt(new Consumption(), "done", new { }));

        // The credits were promised to another meanwhile: what was used is owed, and the other's settlement keeps what it holds.
        Assert.Equal(Credits.Zero, settled.Available);
        Assert.Equal((0, 3), await world.Balance());
        await meter.Settle(other, new Receipt(new Consumption(), "done", new { }));
        Assert.Equal(2, await UsageRows(world));
    }

    [Theory, EveryDatabase]
    public async Task What_belongs_to_a_settlement_fails_with_it(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = MeterOf(world);
        var authorization = await Authorize(meter, world, seconds: 31);

        await Assert.ThrowsAsync<InvalidOperationException>(() => meter.Settle(
            authorization, new Receipt(new Consumption(), "done", new { }), (_, _) => throw new InvalidOperationException("no")));

        Assert.Equal((7, 0), await world.Balance());
        Assert.Equal(0, await UsageRows(world));
        await meter.Release(authorization);
    }

    [Theory, EveryDatabase]
    public async Task A_quote_reserves_nothing_and_who_owes_can_afford_nothing(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(3);
        var meter = MeterOf(world);

        Assert.Equal(new Quote(Credits.Whole(3), Credits.Whole(3)), await meter.Quote(world.Account, "whisper-1", 45));
        Assert.True((await meter.Quote(world.Account, "whisper-1", 45)).CanAfford);
        Assert.False((await meter.Quote(world.Account, "whisper-1", 45.1m)).CanAfford);

        await meter.Settle(await Authorize(meter, world, seconds: 1), new Receipt(new Consumption(BilledSeconds: 60), "done", new { }));
        Assert.Equal(new Quote(Credits.Whole(1), Credits.Zero), await meter.Quote(world.Account, "whisper-1", 1));
        var refused = await meter.Authorize(Use(world, 1));
        Assert.Equal(
            new MeterAnswer(null, Credits.Whole(1), Credits.Zero) { Shortage = new Shortage(ShortageReason.Balance, OfLimit: false, Credits.Zero) }, refused);
    }

    [Theory, EveryDatabase]
    public async Task An_authorization_opens_one_door_and_a_key_one_authorization(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(3);
        var meter = MeterOf(world);
        var use = Use(world, 15);
        var authorization = (await meter.Authorize(use)).Authorization!;

        Assert.Same(use, authorization.Spend());
        Assert.Throws<InvalidOperationException>(() => authorization.Spend());
        await Assert.ThrowsAsync<InvalidOperationException>(() => meter.Authorize(use));
        await Assert.ThrowsAsync<InvalidOperationException>(() => meter.Authorize(use with { Model = "free-of-charge" }));
    }

    [Theory, EveryDatabase]
    public async Task A_summary_adds_up_what_was_used_since(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(100);
        var meter = MeterOf(world);
        async Task Use(decimal seconds) => await meter.Settle(await Authorize(meter, world, seconds), new Receipt(new Consumption(), "done", new { }));
        await Use(600);
        world.Clock.Advance(TimeSpan.FromDays(10));
        var since = world.Clock.GetUtcNow();
        await Use(31);
        await Use(0.25m);

        var totals = await new UsageSummary(world.Database).Since(world.Account, Unit.Credit, since);

        Assert.Equal(new UsageTotals(2, Credits.Whole(4), TimeSpan.FromSeconds(31.25)), totals);
        Assert.Equal(3, (await new UsageSummary(world.Database).Since(world.Account, Unit.Credit, DateTimeOffset.UnixEpoch)).Requests);
        Assert.Equal(new UsageTotals(0, Credits.Zero, TimeSpan.Zero), await new UsageSummary(world.Database).Since(new AccountId(Guid.NewGuid()), Unit.Credit, since));
    }

    private static Meter MeterOf(WalletWorld world) => new(
        world.Ledger, PriceBook.Default(), new Bookkeeping(world.Clock, NullLogger<Bookkeeping>.Instance), new Ids(world.Clock), world.Clock);

    private static AudioUse Use(WalletWorld world, decimal seconds) =>
        new(world.Account, "transcribe", "whisper-1", seconds, Guid.NewGuid().ToString(), TimeSpan.FromMinutes(10));

    private static async Task<Authorization> Authorize(Meter meter, WalletWorld world, decimal seconds) =>
        (await meter.Authorize(Use(world, seconds))).Authorization ?? throw new InvalidOperationException("The test gave too few credits.");

    private static Task<long> UsageRows(WalletWorld world) =>
        world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM usage_records WHERE account_id = @Account", new { world.Account }));
}
