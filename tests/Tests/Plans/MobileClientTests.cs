using System.Text.Json;
using Ledgerline.Identity;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Plans;

/// <summary>Every answer in every state, decoded as the unchanged app decodes it.</summary>
public sealed class MobileClientTests
{
    private static readonly JsonElement WeeklyOptions = Parse(
        """[{"plan":"weekly","price":"$4.99","calls":"unlimited","product_id":"com.aifriendchat.premium.weekly.v2"},{"plan":"basic","price":"$4.99","calls":"5/week","product_id":"speech_assistant_basic_weekly"},{"plan":"premium","price":"$25.00","calls":"30/month","product_id":"speech_assistant_premium_monthly"}]""");

    private static readonly JsonElement BusinessOptions = Parse(
        """[{"plan":"business_basic","price":"$49.99","calls":"20/week","product_id":"speech_assistant_business_basic"},{"plan":"business_professional","price":"$99.00","calls":"50/week","product_id":"speech_assistant_business_pro"},{"plan":"business_enterprise","price":"$299.00","calls":"unlimited","product_id":"speech_assistant_business_enterprise"}]""");

    [Theory, EveryDatabase]
    public async Task Usage_stats_decode_in_every_state(string engine)
    {
        await using var world = await People.World(engine);
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        foreach (var caller in new[] { await Caller.Mobile(world), await Caller.Business(world) })
        {
            var isMobile = (await entitlements.Of(caller.Id)).AppType == Platform.MobileConsumer;
            var fresh = await Stats(caller);
            Assert.Equal(
                (isMobile ? "mobile_consumer" : "web_business", true, isMobile ? 3 : 4, isMobile ? "mobile_free_trial" : "business_free_trial", isMobile),
                (fresh.AppType, fresh.IsTrialActive, fresh.CallsRemainingThisWeek!.Value, fresh.SubscriptionTier, fresh.Pricing!.WeeklyPlan is { Price: "$4.99" }));

            for (var call = 0; call < (isMobile ? 3 : 4); call++)
            {
                var key = $"call:{call}";
                await entitlements.Reserve(caller.Id, Want.Call(), key, TimeSpan.FromMinutes(10));
                await entitlements.Complete(caller.Id, key, 25);
                await Stats(caller);
            }

            var exhausted = await Stats(caller);
            Assert.Equal((false, 0, true, 25 * exhausted.CallsMadeTotal), (exhausted.IsTrialActive, exhausted.TrialCallsRemaining, exhausted.UpgradeRecommended, exhausted.TotalCallDurationThisWeek));
            foreach (var plan in (await world.Services.GetRequiredService<PlanCatalog>().Current()).Where(plan => plan.Product != PlanProduct.ChatPro))
            {
                foreach (var status in EntitlementStatus.All)
                {
                    await Put(world, caller, plan, status);
                    var stats = await Stats(caller);
                    var gives = status is EntitlementStatus.Active or EntitlementStatus.Trialing or EntitlementStatus.PastDue or EntitlementStatus.Canceled;
                    Assert.Equal(gives, stats.IsSubscribed);
                    if (gives)
                    {
                        Assert.Equal((plan.Id, plan.WeeklyCalls, plan.MonthlyCalls, plan.IsUsageBased ? "monthly" : plan.Type), (stats.SubscriptionTier, (long?)stats.WeeklyCallLimit, (long?)stats.MonthlyCallLimit, stats.BillingCycle));
                        Assert.Equal(status != EntitlementStatus.Canceled, stats.NextPaymentDate is not null);
                        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$", stats.SubscriptionEndDate);
                    }
                }

                await Put(world, caller, plan, EntitlementStatus.Expired);
            }

            await world.Database.Write(transaction => entitlements.AddCalls(transaction, caller.Id, $"tx:{caller.Id}"));
            Assert.Equal(5, (await Stats(caller)).AddonCallsRemaining);
            Assert.Equal(AllowanceStatus.AddOnCallAvailable, (await Ask(caller)).Status);
        }
    }

    [Fact]
    public async Task The_example_of_the_contract_is_answered_field_by_field()
    {
        await using var world = await People.World();
        var jane = await Caller.Mobile(world);
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        await entitlements.Reserve(jane.Id, Want.Call(), "one", TimeSpan.FromMinutes(10));
        await entitlements.Complete(jane.Id, "one", 45);
        var stats = await jane.Get("/mobile/usage-stats");
        var expected = new Dictionary<string, object?>
        {
            ["app_type"] = "mobile_consumer",
            ["is_trial_active"] = true,
            ["trial_calls_remaining"] = 2,
            ["trial_calls_used"] = 1,
            ["calls_made_today"] = 1,
            ["calls_made_this_week"] = 1,
            ["calls_made_this_month"] = 1,
            ["calls_made_total"] = 1,
            ["is_subscribed"] = false,
            ["subscription_tier"] = "mobile_free_trial",
            ["upgrade_recommended"] = false,
            ["total_call_duration_this_week"] = 45,
            ["total_call_duration_this_month"] = 45,
            ["addon_calls_remaining"] = 0,
            ["addon_calls_expiry"] = null,
            ["weekly_call_limit"] = null,
            ["monthly_call_limit"] = null,
            ["calls_remaining_this_week"] = 2,
            ["calls_remaining_this_month"] = 2,
            ["subscription_end_date"] = null,
            ["billing_cycle"] = null,
            ["next_payment_date"] = null,
            ["pricing"] = new { weekly_plan = new { price = "$4.99", billing = "weekly", features = new[] { "Unlimited calls", "Fun scenarios", "Call friends" } } },
        };
        foreach (var (name, value) in expected)
        {
            Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(value), stats.GetProperty(name)), $"{name} is {stats.GetProperty(name)}");
        }

        var midnight = new DateTimeOffset(world.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        Assert.Equal((midnight, midnight), (stats.GetProperty("week_start_date").GetDateTimeOffset(), stats.GetProperty("month_start_date").GetDateTimeOffset()));
        Assert.EndsWith("T00:00:00Z", stats.Text("week_start_date"), StringComparison.Ordinal);
        Assert.Equal((await entitlements.Of(jane.Id)).Trial.EndsAt, stats.GetProperty("trial_end_date").GetDateTimeOffset());
    }

    [Fact]
    public async Task Permissions_say_what_is_left_and_refusals_what_would_help()
    {
        await using var world = await People.World();
        var jane = await Caller.Mobile(world);
        var entitlements = world.Services.GetRequiredService<Entitlements>();

        var trial = await Ask(jane);
        Assert.Equal((true, "trial_call_available", 3, 60, 3), (trial.CanMakeCall, trial.Status, trial.Details.CallsRemaining, trial.Details.DurationLimit, trial.Details.CallsRemainingThisWeek));
        Assert.NotNull(trial.Details.TrialEnds);
        await UseUp(entitlements, jane);
        await Denied(
            jane, "trial_exhausted", "Your 3 free trial calls are used up! 🎉 Ready for unlimited fun? Subscribe for just $4.99/week and get unlimited calls!", WeeklyOptions);

        var basic = await Put(world, jane, "mobile_basic");
        var allowed = await Ask(jane);
        Assert.Equal(("basic_call_available", 5, 60), (allowed.Status, allowed.Details.CallsRemainingThisWeek, allowed.Details.DurationLimit));
        await UseUp(entitlements, jane);
        var refused = await Denied(
            jane, "weekly_limit_reached", "Weekly limit reached. Upgrade to Premium or buy 5 more calls for $4.99!",
            Parse("""[{"plan":"premium","price":"$25.00","calls":"30/month","product_id":"speech_assistant_premium_monthly"},{"plan":"addon","price":"$4.99","calls":"5 additional","product_id":"speech_assistant_addon_calls"}]"""),
            opensUpgrade: false);
        Assert.Equal((await entitlements.Of(jane.Id)).Calls.WeekStart.AddDays(7), DateTimeOffset.Parse(refused.Details.ResetsOn!, null));

        await Put(world, jane, "mobile_premium");
        Assert.Equal(("premium_call_available", 25), await Ask(jane) is var premium ? (premium.Status, premium.Details.CallsRemainingThisMonth) : default);
        await UseUp(entitlements, jane);
        await Denied(
            jane, "monthly_limit_reached", "Monthly limit reached. Buy 5 more calls for $4.99!",
            Parse("""[{"plan":"addon","price":"$4.99","calls":"5 additional","product_id":"speech_assistant_addon_calls"}]"""), opensUpgrade: false);

        await Put(world, jane, "mobile_premium", EntitlementStatus.Expired);
        await Denied(jane, "upgrade_required", "Want to keep the fun going? 🎮 Upgrade to start making calls again! Subscribe for $4.99/week.", WeeklyOptions);
        await Put(world, jane, "mobile_weekly");
        var weekly = await jane.Json(HttpMethod.Post, "/mobile/check-call-permission");
        Assert.Equal(
            """{"can_make_call":true,"status":"subscription_active","details":{"duration_limit":120,"app_type":"mobile_consumer","subscription_tier":"mobile_weekly","calls_this_week":0,"weekly_limit":null,"calls_remaining_this_week":null,"voice_minutes_remaining":null}}""",
            weekly.GetRawText());
    }

    [Fact]
    public async Task Companies_are_spoken_to_as_companies()
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        await UseUp(entitlements, jane);
        await Denied(
            jane, "trial_exhausted",
            "Your 4 free trial calls have been used. Upgrade to Business Basic ($49.99/month) for 20 calls per week to continue using our service.", BusinessOptions);
        await Put(world, jane, "business_basic");
        await UseUp(entitlements, jane);
        await Denied(jane, "weekly_limit_reached", "Weekly limit of 20 calls reached", Parse(JsonSerializer.Serialize(BusinessOptions.EnumerateArray().Skip(1))), opensUpgrade: false);
        await Put(world, jane, "business_basic", EntitlementStatus.Expired);
        await Denied(jane, "upgrade_required", "Please upgrade to a Business plan to continue making calls for your organization.", BusinessOptions, opensUpgrade: false);
        await Put(world, jane, "basic_monthly");
        var minutes = await jane.Json(HttpMethod.Post, "/mobile/check-call-permission");
        Assert.Equal((100, 3600), (minutes.GetProperty("details").GetProperty("voice_minutes_remaining").GetInt32(), minutes.GetProperty("details").GetProperty("duration_limit").GetInt32()));
        await UseUp(entitlements, jane);
        await Denied(
            jane, "monthly_limit_reached", "Monthly limit of 100 voice minutes reached",
            Parse("""[{"plan":"pro_monthly","price":"$99.99","calls":"500 voice minutes/month","product_id":"speech_assistant_pro_monthly"},{"plan":"enterprise_monthly","price":"$299.99","calls":"unlimited","product_id":"speech_assistant_enterprise_monthly"}]"""),
            opensUpgrade: false);
    }

    [Theory]
    [InlineData(true, "trial_exhausted", 402)]
    [InlineData(false, "trial_exhausted", 402)]
    [InlineData(true, "upgrade_required", 402)]
    [InlineData(false, "upgrade_required", 400)]
    public async Task A_402_is_one_object_and_a_company_whose_plan_is_over_reads_a_sentence(bool isMobile, string status, int code)
    {
        await using var world = await People.World();
        var jane = isMobile ? await Caller.Mobile(world) : await Caller.Business(world);
        var (entitlements, offers) = (world.Services.GetRequiredService<Entitlements>(), world.Services.GetRequiredService<Offers>());
        if (status == "trial_exhausted")
        {
            await UseUp(entitlements, jane);
        }
        else
        {
            world.Clock.Advance(TimeSpan.FromDays(7));
        }

        var verdict = await entitlements.May(jane.Id, Want.Call());
        Assert.Equal(status, verdict.Status);
        var (shown, body) = await Written(world, await offers.RefuseCall(verdict));
        Assert.Equal(code, shown);
        if (code == 400)
        {
            Assert.Equal("""{"detail":"Please upgrade to a Business plan to continue making calls for your organization."}""", body);
            (shown, body) = await Written(world, await offers.Refuse(verdict));
            Assert.Equal(402, shown);
        }

        var detail = Parse(body).GetProperty("detail");
        Assert.Equal(
            ["error", "message", "upgrade_options", "timestamp", "resets_on", "upgrade_url", "pricing"], detail.EnumerateObject().Select(one => one.Name));
        Assert.Equal((status, "/pricing", JsonValueKind.Null), (detail.Text("error"), detail.Text("upgrade_url"), detail.GetProperty("resets_on").ValueKind));
        Assert.True(JsonElement.DeepEquals(isMobile ? WeeklyOptions : BusinessOptions, detail.GetProperty("upgrade_options")), detail.GetProperty("upgrade_options").GetRawText());
        var pricing = isMobile
            ? """{"weekly_plan":{"price":"$4.99","billing":"weekly","features":["Unlimited calls","Fun scenarios","Call friends"]}}"""
            : """{"basic_plan":{"price":"$49.99","billing":"monthly","features":["20 calls per week","Basic scenarios","Call transcripts"]},"professional_plan":{"price":"$99.00","billing":"monthly","features":["50 calls per week","Custom scenarios","Calendar integration"]},"enterprise_plan":{"price":"$299.00","billing":"monthly","features":["Unlimited calls","Advanced features","Priority support"]}}""";
        Assert.Equal(pricing, detail.GetProperty("pricing").GetRawText());
        ClientShapes.Decode<ClientShapes.PaymentRequired>(body);
        if (!isMobile && status == "trial_exhausted")
        {
            Assert.Equal("Your 4 free trial calls have been used. Upgrade to Basic ($49.99/month) for 20 calls per week!", detail.Text("message"));
        }
    }

    [Theory]
    [InlineData("/mobile/usage-stats", "mobile_consumer", "mobile_free_trial")]
    [InlineData("/usage-stats", "web_business", "business_free_trial")]
    public async Task An_account_without_allowances_becomes_what_asks_first(string path, string appType, string tier)
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        await world.Database.Write(transaction => transaction.Execute("DELETE FROM allowances WHERE account_id = @Id", new { jane.Id }));
        foreach (var asked in new[] { path, "/usage-stats", "/mobile/usage-stats" })
        {
            var stats = ClientShapes.Decode<ClientShapes.UsageStats>(await jane.Text(HttpMethod.Get, asked));
            Assert.Equal((appType, tier, true), (stats.AppType, stats.SubscriptionTier, stats.IsTrialActive));
        }
    }

    private static async Task<ClientShapes.UsageStats> Stats(Caller caller)
    {
        var mobile = await caller.Text(HttpMethod.Get, "/mobile/usage-stats");
        Assert.Equal(mobile, await caller.Text(HttpMethod.Get, "/usage-stats"));
        return ClientShapes.Decode<ClientShapes.UsageStats>(mobile);
    }

    private static async Task<ClientShapes.Permission> Ask(Caller caller) =>
        ClientShapes.Decode<ClientShapes.Permission>(await caller.Text(HttpMethod.Post, "/mobile/check-call-permission", new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } }));

    private static async Task<ClientShapes.Permission> Denied(Caller caller, string status, string message, JsonElement options, bool? opensUpgrade = null)
    {
        var denied = await Ask(caller);
        Assert.Equal((false, status, message), (denied.CanMakeCall, denied.Status, denied.Details.Message));
        Assert.DoesNotContain(ClientShapes.Misread, word => message.Contains(word, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(opensUpgrade ?? true, ClientShapes.OpensUpgrade(message));
        Assert.Equal(ClientShapes.Decode<ClientShapes.Option[]>(options.GetRawText()), denied.Details.UpgradeOptions);
        return denied;
    }

    private static async Task UseUp(Entitlements entitlements, Caller caller)
    {
        for (var call = 0; (await entitlements.Reserve(caller.Id, Want.Call(), $"{Guid.NewGuid()}", TimeSpan.FromMinutes(10))).Verdict.IsAllowed; call++)
        {
            Assert.InRange(call, 0, 100);
        }
    }

    private static async Task<EntitlementFacts> Put(TestWorld world, Caller caller, string planId, string status = EntitlementStatus.Active) =>
        await Put(world, caller, (await world.Services.GetRequiredService<PlanCatalog>().Find(planId))!, status);

    private static async Task<EntitlementFacts> Put(TestWorld world, Caller caller, Plan plan, string status)
    {
        var now = world.Clock.GetUtcNow();
        var facts = new EntitlementFacts(
            // By hand: nothing of it is at Stripe.
            caller.Id, plan.Product, plan.Id, plan.Version, plan.Store == PlanStore.Stripe ? "by_hand" : plan.Store, "sub_1", status, now, now.AddDays(20), false, status == EntitlementStatus.PastDue ? now : null, null);
        await world.Database.Write(transaction => world.Services.GetRequiredService<Entitlements>().Put(transaction, facts));
        return facts;
    }

    private static async Task<(int Status, string Body)> Written(TestWorld world, IResult result)
    {
        var context = new DefaultHttpContext { RequestServices = world.Services };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await result.ExecuteAsync(context);
        return (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;
}
