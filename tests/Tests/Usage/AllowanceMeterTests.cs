using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Usage;

/// <summary>The meter of allowances: in the funding order, once, and settled by what was used.</summary>
public sealed class AllowanceMeterTests
{
    [Theory, EveryDatabase]
    public async Task Calls_are_funded_by_the_first_that_covers_them(string engine)
    {
        await using var world = await People.World(engine, ("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "1"), ("CALL_CREDITS_PER_MINUTE", "10"));
        var (meter, entitlements, jane) = (Get<Meter>(world), Get<Entitlements>(world), await Caller.Business(world));
        await world.Database.Write(transaction => entitlements.AddCalls(transaction, jane.Id, "tx"));
        List<string> order = [];
        for (var call = 0; call < 6; call++)
        {
            order.Add((await Authorized(meter, jane.Id, $"call:{call}")).Verdict.Funding!);
        }

        Assert.Equal(["trial", "addon", "addon", "addon", "addon", "addon"], order);
        Assert.Equal(AllowanceStatus.TrialExhausted, (await meter.Authorize(Use(jane.Id, "refused"))).Verdict.Status);
        await Give(world, jane.Id, 25);
        var paid = await Authorized(meter, jane.Id, "paid");
        Assert.Equal((Funding.Credits, 120), (paid.Verdict.Funding, paid.Verdict.DurationLimitSeconds));
        Assert.Equal((AllowanceStatus.TrialExhausted, false), await meter.May(jane.Id, Want.Call()) is var none ? (none.Status, none.IsAllowed) : default);

        // Two minutes were held; one and a started second are charged.
        Assert.Equal(new UseEnded(UsedService.VoiceCall, Funding.Credits, 2, false), await meter.Settle(paid, 61));
        Assert.True((await meter.Settle(paid, 600))!.Again);
        Assert.Equal(Credits.Whole(5), (await Get<Ledger>(world).Balance(jane.Id, Unit.Credit)).Available);
        Assert.Equal((7L, 61L), await entitlements.Of(jane.Id) is var standing ? (standing.Calls.Total, standing.Calls.SecondsThisWeek) : default);
        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM usage_records WHERE action = 'voice_call' AND credits_micro = 20000000")));
        Assert.Equal(1, Assert.Single(await Get<Refusals>(world).Of(jane.Id, world.Clock.GetUtcNow().ToString("yyyy-MM", null))).Count);
    }

    [Theory, EveryDatabase]
    public async Task A_released_call_was_never_made_and_its_credits_are_free_again(string engine)
    {
        await using var world = await People.World(engine, ("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "0"));
        var (meter, jane) = (Get<Meter>(world), await Caller.Business(world));
        await Give(world, jane.Id, 100);
        Assert.Equal((AllowanceStatus.CreditsAvailable, 300), await meter.May(jane.Id, Want.Call()) is var may ? (may.Status, may.DurationLimitSeconds) : default);
        var asked = await jane.Json(HttpMethod.Post, "/mobile/check-call-permission");
        Assert.Equal("""{"can_make_call":true,"status":"credits_available","details":{"duration_limit":300,"app_type":"web_business"}}""", asked.GetRawText());

        var call = await Authorized(meter, jane.Id, "call", longest: 61);
        Assert.Equal(Credits.Whole(60), (await Get<Ledger>(world).Balance(jane.Id, Unit.Credit)).Available);
        Assert.True(await meter.Confirm(call));
        Assert.True(await meter.Release(call));
        Assert.False(await meter.Release(call));
        Assert.Equal(Credits.Whole(100), (await Get<Ledger>(world).Balance(jane.Id, Unit.Credit)).Available);
        Assert.Equal(0, (await Get<Entitlements>(world).Of(jane.Id)).Calls.Total);
    }

    [Fact]
    public async Task Credits_pay_no_call_unless_the_operator_wants_it()
    {
        await using var world = await People.World("sqlite", ("TRIAL_CALLS_BUSINESS", "0"));
        var (meter, jane) = (Get<Meter>(world), await Caller.Business(world));
        await Give(world, jane.Id, 1000);
        Assert.Equal(AllowanceStatus.TrialExhausted, (await meter.Authorize(Use(jane.Id, "call"))).Verdict.Status);
        Assert.Equal(AllowanceStatus.TrialExhausted, (await meter.May(jane.Id, Want.Call())).Status);
    }

    [Theory, EveryDatabase]
    public async Task Pay_as_you_go_tells_what_was_used_once_and_with_what_belongs_to_it(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var (meter, jane) = (world.Meter(), await world.Account());
        await world.Subscribe(jane, "usage_based");

        var call = await Authorized(meter, jane, "call");
        Assert.Equal(Funding.PayAsYouGo, call.Verdict.Funding);
        await Assert.ThrowsAsync<InvalidOperationException>(() => meter.Settle(call, 90, (_, _) => throw new InvalidOperationException("no")));
        world.Heard.Clear();
        var within = 0;
        Assert.Equal(2, (await meter.Settle(call, 90, (_, ended) => Task.FromResult(within += ended.Again ? 0 : 1)))!.Units);
        await meter.Settle(jane, "call", 90, (_, ended) => Task.FromResult(within += ended.Again ? 0 : 1));
        foreach (var (want, key) in new[] { (Want.Message, "sms"), (Want.Scenario, "scenario") })
        {
            await meter.Settle((await meter.Authorize(new AllowanceUse(jane, want, key, TimeSpan.FromMinutes(1)))).Authorization!, 0);
        }

        // A call that nobody spoke in costs nothing.
        await meter.Settle(await Authorized(meter, jane, "silent"), 0);

        // Who was let through on a plan pays by it, though it has ended: no meter counts for it any more.
        var late = await Authorized(meter, jane, "late");
        await world.Put((await world.Facts(jane, "usage_based")) with { Status = EntitlementStatus.Canceled, EndsAt = world.Clock.GetUtcNow().AddMinutes(-1) });
        Assert.Equal(AllowanceStatus.UpgradeRequired, (await meter.Authorize(Use(jane, "later"))).Verdict.Status);
        await meter.Settle(late, 61);
        Assert.Equal((2L, 10L), world.Heard.OfType<PayAsYouGoUsed>().Last() is var told ? (told.Amount, told.OwnCents ?? 0) : default);

        Assert.Equal(1, within);
        Assert.Equal(
            [(UsedService.VoiceCall, 2L), (UsedService.Sms, 1L), (UsedService.CustomScenario, 1L), (UsedService.VoiceCall, 2L)],
            world.Heard.OfType<PayAsYouGoUsed>().Select(one => (one.Service, one.Amount)));
        Assert.Equal(
            ["custom_scenario scenario 500", "sms sms 1", "voice_call call 10", "voice_call late 10"],
            await world.Database.Read(session => session.List<string>(
                "SELECT service || ' ' || resource || ' ' || total_cents FROM service_usage ORDER BY service, resource")));
    }

    [Fact]
    public async Task A_key_authorises_once_and_an_authorization_opens_one_door()
    {
        await using var world = await People.World();
        var (meter, jane) = (Get<Meter>(world), await Caller.Business(world));
        var call = await Authorized(meter, jane.Id, "call");
        await Assert.ThrowsAsync<InvalidOperationException>(() => meter.Authorize(Use(jane.Id, "call")));
        Assert.Equal("call", call.Spend().Key);
        Assert.Throws<InvalidOperationException>(() => call.Spend());
        Assert.Empty(typeof(AllowanceAuthorization).GetConstructors());
        Assert.Null(await meter.Settle(jane.Id, "nobody's", 5));
    }

    /// <summary>The last credits pay one of many calls; nobody talks for money that is not there.</summary>
    [Theory, EveryDatabase]
    public async Task Ten_calls_at_once_share_one_wallet(string engine)
    {
        await using var world = await People.World(engine, ("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "0"));
        var (meter, jane) = (Get<Meter>(world), await Caller.Business(world));
        await Give(world, jane.Id, 60);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => Task.Run(() => meter.Authorize(Use(jane.Id, $"call:{number}", longest: 60)))));

        Assert.Equal(3, answers.Count(answer => answer.Authorization is not null));
        Assert.Equal(3, (await Get<Entitlements>(world).Of(jane.Id)).Calls.Total);
        Assert.Equal(Credits.Zero, (await Get<Ledger>(world).Balance(jane.Id, Unit.Credit)).Available);
    }

    private static T Get<T>(TestWorld world)
        where T : notnull => world.Services.GetRequiredService<T>();

    private static AllowanceUse Use(AccountId account, string key, int? longest = null) => new(account, Want.Call(longestSeconds: longest), key, TimeSpan.FromMinutes(10));

    private static async Task<AllowanceAuthorization> Authorized(Meter meter, AccountId account, string key, int? longest = null) =>
        (await meter.Authorize(Use(account, key, longest))).Authorization!;

    private static Task Give(TestWorld world, AccountId account, long credits) =>
        Get<Ledger>(world).Grant(new GrantOrder(account, Unit.Credit, "signup_bonus", $"grant:{account}", Credits.Whole(credits), "test"));
}
