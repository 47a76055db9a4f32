using System.Net;
using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Plans;
using Ledgerline.Plans.Admin;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Xunit;

namespace Tests.Plans;

/// <summary>Operators make, change and delete plans: on every node at once, with a row of who did it, and whatever makes no sense is refused.</summary>
public sealed class PlanAdminTests
{
    private const string Path = "/payments/admin/subscription-plans";

    private static readonly JsonSerializerOptions Wire = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly object Plus = new
    {
        plan_id = "plus_monthly",
        name = "Plus Monthly",
        plan_type = "monthly",
        features = new { voice_minutes = 200, transcription_storage = "60_days", best = true },
        pricing = new { price = "79.00", trial_days = 14 },
    };

    [Theory, EveryDatabase]
    public async Task A_plan_is_made_changed_and_deleted_and_subscribers_keep_theirs(string engine)
    {
        await using var world = await People.World(engine);
        var node = await world.StartNode();
        var boss = await Caller.Operator(world);
        var catalog = world.Services.GetRequiredService<PlanCatalog>();

        var made = await boss.Json(HttpMethod.Post, Path, Plus);
        var expected = new
        {
            plan_id = "plus_monthly",
            plan = new
            {
                name = "Plus Monthly",
                type = "monthly",
                features = new { voice_minutes = 200, transcription_storage = "60_days", best = true },
                pricing = new { price = "79.00", trial_days = 14 },
            },
            message = "Plan 'plus_monthly' created successfully",
            success = true,
        };
        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(expected), made), made.GetRawText());
        var listed = (await boss.On(node).Get("/payments/subscription-plans")).GetProperty("plans").GetProperty("plus_monthly");
        Assert.Equal((79.00m, "monthly"), (listed.GetProperty("price").GetDecimal(), listed.GetProperty("type").GetString()));
        var first = (await catalog.Find("plus_monthly"))!;
        Assert.Equal((1, PlanProduct.VoiceFeatures, 7900L, "usd", 14), (first.Version, first.Product, first.Price!.Value.Minor, first.Price.Value.Currency, first.TrialDays));

        var jane = await Caller.Business(world);
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        await world.Database.Write(transaction => entitlements.Put(transaction, new EntitlementFacts(
            jane.Id, first.Product, first.Id, first.Version, "by_hand", "sub_1", EntitlementStatus.Active, world.Clock.GetUtcNow(),
            world.Clock.GetUtcNow().AddMonths(1), false, null, null)));

        var changed = await boss.Json(HttpMethod.Put, $"{Path}/plus_monthly", new { features = new { voice_minutes = 10 }, pricing = new { price = 89 } });
        Assert.Equal("Plan 'plus_monthly' updated successfully", changed.GetProperty("message").GetString());
        Assert.Equal((2, 8900L, 14), await catalog.Find("plus_monthly") is { } second ? (second.Version, second.Price!.Value.Minor, second.TrialDays) : default);
        Assert.Equal(200, (await entitlements.Of(jane.Id)).VoiceMinutes!.Limit);
        // The same once more is no new version.
        await boss.Json(HttpMethod.Put, $"{Path}/plus_monthly", new { pricing = new { price = 89 } });
        Assert.Equal(2, (await catalog.Find("plus_monthly"))!.Version);

        var deleted = await boss.Json(HttpMethod.Delete, $"{Path}/plus_monthly");
        Assert.Equal("Plus Monthly", deleted.GetProperty("deleted_plan").GetProperty("name").GetString());
        Assert.False((await boss.On(node).Get("/payments/subscription-plans")).GetProperty("plans").TryGetProperty("plus_monthly", out _));
        Assert.Equal(200, (await entitlements.Of(jane.Id)).VoiceMinutes!.Limit);
        await Refused(HttpStatusCode.NotFound, "Plan 'plus_monthly' not found", await boss.Send(HttpMethod.Put, $"{Path}/plus_monthly", new { name = "New" }));
        await Refused(HttpStatusCode.NotFound, "Plan 'plus_monthly' not found", await boss.Send(HttpMethod.Delete, $"{Path}/plus_monthly"));

        await boss.Json(HttpMethod.Post, Path, Plus);
        Assert.Equal((3, false), await catalog.Find("plus_monthly") is { } third ? (third.Version, third.IsArchived) : default);
        Assert.Equal(
            [("created", 1L, false), ("changed", 2L, true), ("archived", 2L, true), ("created", 3L, true)],
            (await world.Database.Read(session => session.List<ChangeRow>(
                "SELECT action, version, account_id, before_json, after_json FROM plan_changes WHERE plan_id = 'plus_monthly' ORDER BY id")))
                .Select(row => (row.Action, row.Version, row.BeforeJson is not null && row.AccountId == boss.Id.ToString() && row.AfterJson.Length > 2)));
    }

    [Fact]
    public async Task Nobody_but_an_operator_may_and_only_as_long_as_he_is_one()
    {
        await using var world = await People.World();
        var (boss, jane) = (await Caller.Operator(world), await Caller.Business(world));
        foreach (var (method, path) in new[] { (HttpMethod.Post, Path), (HttpMethod.Put, $"{Path}/basic_monthly"), (HttpMethod.Delete, $"{Path}/basic_monthly") })
        {
            await Refused(HttpStatusCode.Forbidden, "Admin privileges required", await jane.Send(method, path, Plus));
            await Refused(HttpStatusCode.Unauthorized, "Not authenticated", await world.Client.Send(method, path, null, Plus));
        }

        await world.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_admin = @no WHERE account_id = @Id", new { no = false, boss.Id }));
        await Refused(HttpStatusCode.Forbidden, "Admin privileges required", await boss.Send(HttpMethod.Post, Path, Plus));
        Assert.Empty(await world.Database.Read(session => session.List<string>("SELECT id FROM plan_changes")));
    }

    [Fact]
    public async Task An_id_that_is_none_is_refused_and_one_that_is_taken()
    {
        await using var world = await People.World();
        var boss = await Caller.Operator(world);
        foreach (var id in new[] { "plus monthly", "plus-monthly", "", "../x", "plüs", "a'b", "x\n" })
        {
            await Refused(
                HttpStatusCode.BadRequest, "Plan ID must contain only alphanumeric characters and underscores",
                await boss.Send(HttpMethod.Post, Path, new { plan_id = id, name = "Plus", plan_type = "monthly", features = new { } }));
        }

        await Refused(
            HttpStatusCode.Conflict, "Plan 'basic_monthly' already exists",
            await boss.Send(HttpMethod.Post, Path, new { plan_id = "basic_monthly", name = "Basic", plan_type = "monthly", features = new { } }));
        await Refused(HttpStatusCode.NotFound, "Plan 'no-such plan' not found", await boss.Send(HttpMethod.Delete, $"{Path}/no-such%20plan"));
        await Refused(HttpStatusCode.NotFound, "Plan '\u0001' not found", await boss.Send(HttpMethod.Put, $"{Path}/%01", new { name = "X" }));
    }

    [Fact]
    public async Task Ten_who_make_one_plan_at_once_make_one()
    {
        await using var world = await People.World("postgres");
        var boss = await Caller.Operator(world);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => boss.Send(HttpMethod.Post, Path, Plus)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData(true, "basic_monthly", "Cannot delete core plan 'basic_monthly' in production")]
    [InlineData(true, "chat_pro", null)]
    [InlineData(false, "basic_monthly", null)]
    public async Task Production_keeps_its_core_plans(bool isProduction, string planId, string? refusal)
    {
        await using var world = await PlansWorld.Start();
        var boss = new CurrentAccount(new Ledgerline.Kernel.AccountId(world.Ids.Uuid()), "session");
        var answer = await EditPlans.Delete(planId, boss, world.Catalog, PlanOptions.Default with { IsProduction = isProduction }, default);
        if (refusal is null)
        {
            Assert.IsType<Ok<EditPlans.DeletedAnswer>>(answer.Result);
            Assert.True((await world.Catalog.Find(planId))!.IsArchived);
        }
        else
        {
            var refused = Assert.IsType<Refusal>(answer.Result);
            Assert.Equal((403, JsonSerializer.Serialize(new { Detail = refusal })), (refused.Status, JsonSerializer.Serialize(((IValueHttpResult)refused).Value)));
            Assert.False((await world.Catalog.Find(planId))!.IsArchived);
        }
    }

    [Fact]
    public async Task What_was_deleted_or_edited_stays_so_over_a_new_start_and_a_price_setting_reaches_what_nobody_touched()
    {
        await using var world = await PlansWorld.Start();
        var boss = new Ledgerline.Kernel.AccountId(world.Ids.Uuid());
        await world.Catalog.Archive(boss, "chat_basic", default);
        await world.Catalog.Change(boss, "business_basic", plan => new PlanDraft(plan.Id, "Own", plan.Type, plan.Product, plan.Price, plan.Features) { IsCore = plan.IsCore }, default);

        await world.Catalog.Seed([.. PlanSeeds.All(world.Options).Select(seed => seed with { Price = seed.Price is { } price ? price with { Minor = price.Minor + 1 } : null })], default);

        var plans = (await world.Catalog.Current()).ToDictionary(plan => plan.Id);
        Assert.False(plans.ContainsKey("chat_basic"));
        Assert.Equal(("Own", 4999L, 2), (plans["business_basic"].Name, plans["business_basic"].Price!.Value.Minor, plans["business_basic"].Version));
        Assert.Equal((5000L, 2), (plans["basic_monthly"].Price!.Value.Minor, plans["basic_monthly"].Version));
        Assert.Equal(1, plans["usage_based"].Version);
        Assert.Contains(new PlanChanged("basic_monthly", 2), world.Heard);
    }

    [Theory]
    // The plan itself.
    [InlineData("""{"plan_id":"x","plan_type":"monthly","features":{}}""", "body -> name", "Field required")]
    [InlineData("""{"plan_id":"x","name":"  ","plan_type":"monthly","features":{}}""", "body -> name", "The name must have 1 to 100 characters")]
    [InlineData("""{"plan_id":"x","name":"X","features":{}}""", "body -> plan_type", "Field required")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"daily","features":{}}""", "body -> plan_type", "plan_type must be one of monthly, yearly, usage")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"weekly","features":{}}""", "body -> plan_type", "plan_type must be one of monthly, yearly, usage")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly"}""", "body -> features", "Field required")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":[]}""", "body -> features", "features must be an object")]
    [InlineData("""{"plan_id":5,"name":"X","plan_type":"monthly","features":{}}""", "body -> plan_id", "Not a valid value")]
    // Features.
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"voice_minutes":-1}}""", "body -> features -> voice_minutes", "voice_minutes must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"voice_minutes":1.5}}""", "body -> features -> voice_minutes", "voice_minutes must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"sms_messages":99999999999999999999}}""", "body -> features -> sms_messages", "sms_messages must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"custom_scenarios":"many"}}""", "body -> features -> custom_scenarios", "custom_scenarios must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"voice_minutes":null}}""", "body -> features -> voice_minutes", "voice_minutes must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"transcription_storage":"for ever"}}""", "body -> features -> transcription_storage", "transcription_storage must be a time such as \"30_days\" or \"1_year\", or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"extras":{"a":1}}}""", "body -> features -> extras", "extras must be true, false, a text of at most 200 characters, or a whole number from 0 to 1000000000")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"a b":1}}""", "body -> features", "A feature's name has 1 to 64 letters, digits and underscores")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"best":1,"best":2}}""", "body -> features -> best", "best is given twice")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"weekly_calls":5,"voice_minutes":5}}""", "body -> features -> voice_minutes", "voice_minutes is promised by plans of voice_features, and this is a plan of calls")]
    // Money.
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":0}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":-5}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":1.999}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":"1e3"}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":1e300}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":79228162514264337593543950335}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":1000000.01}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":"1,99"}}""", "body -> pricing -> price", "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":9,"currency":"xyz"}}""", "body -> pricing -> currency", "currency must be one of usd, eur, gbp, cad, aud, nzd, chf, sek, nok, dkk, pln, czk, mxn, brl, sgd, hkd, inr, zar")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":9,"interval":"year"}}""", "body -> pricing -> interval", "interval must be month")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"product":"cars"}}""", "body -> pricing -> product", "product must be one of calls, voice_features, chat_pro")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"trial_days":-1}}""", "body -> pricing -> trial_days", "trial_days must be a whole number from 0 to 730")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"weekly_calls":-1}}""", "body -> pricing -> weekly_calls", "weekly_calls must be a whole number from 0 to 1000000000, or \"unlimited\"")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"voice_per_minute":0.05}}""", "body -> pricing -> voice_per_minute", "voice_per_minute must be left out: only what is billed by use has unit prices")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":[1]}""", "body -> pricing", "pricing must be an object")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"usage","features":{}}""", "body -> pricing", "A plan that is billed by use needs a unit price: voice_per_minute, sms_per_message, transcription_per_minute, custom_scenario_setup, chat_per_message")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"usage","features":{},"pricing":{"price":5}}""", "body -> pricing -> price", "price must be left out: what is billed by use has unit prices")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"usage","features":{},"pricing":{"voice_per_minute":-0.01}}""", "body -> pricing -> voice_per_minute", "voice_per_minute must be an amount such as 0.05: at least 0, at most 10000, with at most 10 decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"usage","features":{},"pricing":{"voice_per_minute":0.00000000001}}""", "body -> pricing -> voice_per_minute", "voice_per_minute must be an amount such as 0.05: at least 0, at most 10000, with at most 10 decimals")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"best":"\ud800"}}""", "body", "A text in the body is not readable")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"\ud800":1}}""", "body", "A text in the body is not readable")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"currency":"\ud800"}}""", "body", "A text in the body is not readable")]
    [InlineData("""{"plan_id":"x","name":"X","plan_type":"usage","features":{},"pricing":{"voice_per_minute":1,"product":"calls"}}""", "body -> pricing -> product", "What is billed by use is a plan of voice_features")]
    public void What_makes_no_sense_is_refused_with_a_sentence(string body, string field, string message)
    {
        var fault = Assert.ThrowsAny<Exception>(() => Read(body));
        if (fault is Ledgerline.Http.Invalid invalid)
        {
            Assert.Equal((field, message), (invalid.Field.Length == 0 ? invalid.Place : string.Join(" -> ", invalid.Field.Split('.').Prepend(invalid.Place)), invalid.Message));
        }
        else
        {
            // What is not even of the right type is read by the body's reader, with the field it stumbled over.
            Assert.Equal("Not a valid value", message);
            Assert.IsType<JsonException>(fault);
        }
    }

    [Fact]
    public async Task A_refused_order_is_422_in_the_flat_form()
    {
        await using var world = await People.World();
        var boss = await Caller.Operator(world);
        using var answer = await boss.Send(HttpMethod.Put, $"{Path}/basic_monthly", new { pricing = new { price = 0.001m } });
        var body = await answer.Json();
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "Validation error", "body -> pricing -> price",
                "price must be an amount such as 49.99: more than 0, at most 1000000, with at most two decimals"),
            (answer.StatusCode, body.Text("detail"), error.Text("field"), error.Text("message")));
        Assert.Equal(1, (await world.Services.GetRequiredService<PlanCatalog>().Find("basic_monthly"))!.Version);
    }

    [Fact]
    public void What_makes_sense_is_read()
    {
        var calls = Read("""{"plan_id":"x","name":" X ","plan_type":"yearly","features":{},"pricing":{"price":120.5,"currency":"eur","interval":"year","weekly_calls":30}}""");
        Assert.Equal(("X", PlanProduct.Calls, 12050L, "eur"), (calls.Name, calls.Product, calls.Price!.Value.Minor, calls.Price.Value.Currency));
        Assert.Equal(30, calls.As(1).WeeklyCalls);
        Assert.Null(Read("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{"weekly_calls":null}}""").As(1).WeeklyCalls);
        Assert.Equal(PlanProduct.ChatPro, Read("""{"plan_id":"x","name":"X","plan_type":"monthly","features":{},"pricing":{"price":9,"product":"chat_pro"}}""").Product);
        var usage = Read("""{"plan_id":"x","name":"X","plan_type":"usage","features":{},"pricing":{"voice_per_minute":"0.0000000001"}}""");
        Assert.Equal((PlanProduct.VoiceFeatures, null), (usage.Product, usage.Price));
    }

    /// <summary>Exactly this refusal; sentences that quote a name are written as they are read.</summary>
    private static async Task Refused(HttpStatusCode status, string detail, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal((status, detail), (answer.StatusCode, (await answer.Json()).Text("detail")));
        }
    }

    private static PlanDraft Read(string body) =>
        JsonSerializer.Deserialize<PlanOrder>(body, Wire)!.Draft();

    private sealed class ChangeRow
    {
        public required string Action { get; init; }
        public long Version { get; init; }
        public required string AccountId { get; init; }
        public string? BeforeJson { get; init; }
        public required string AfterJson { get; init; }
    }
}
