using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Numbers;
using Ledgerline.Plans;
using Ledgerline.Providers.Twilio;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>A world with a phone line: the carrier reaches its nodes in turn, at their public address.</summary>
internal static class Lines
{
    public const string Public = "https://ledgerline.example";
    public const string Somebody = "+14155550123";

    public static Task<TestWorld> World(string engine = "sqlite", params (string Name, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["PUBLIC_URL"] = Public, ["ENABLE_RATE_LIMITING"] = "false", ["CALLS_PER_SECOND"] = "0", ["SHUTDOWN_DRAIN_SECONDS"] = "1", ["MEDIA_LATE_MS"] = "0" };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return TestWorld.Start(engine, all);
    }

    /// <summary>A company's account: four trial calls of an hour.</summary>
    public static Task<Ringer> Company(this TestWorld world, HttpClient? node = null) => world.Register(node, isMobile: false);

    /// <summary>A phone app's account: three trial calls of a minute.</summary>
    public static Task<Ringer> Person(this TestWorld world, HttpClient? node = null) => world.Register(node, isMobile: true);

    private static async Task<Ringer> Register(this TestWorld world, HttpClient? node, bool isMobile)
    {
        var ringer = new Ringer(world, node ?? world.Client, $"{Guid.NewGuid():N}@example.org", isMobile);
        await ringer.SignUp();
        return ringer;
    }

    /// <summary>The account has a number of its own, which it calls from.</summary>
    public static async Task<string> OwnNumber(this TestWorld world, Ringer who, string area)
    {
        var carrier = world.Services.GetRequiredService<TwilioOptions>();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/twilio/2010-04-01/Accounts/{carrier.AccountSid}/IncomingPhoneNumbers.json")
        {
            Content = new FormUrlEncodedContent([new("AreaCode", area)]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{carrier.AccountSid}:{carrier.AuthToken}"))) },
        };
        using var bought = await world.Sandbox.SendAsync(request);
        var number = (await bought.Json()).Text("phone_number")!;
        await world.Services.GetRequiredService<NumberDesk>().Assign(await who.Id(), number);
        return number;
    }

    /// <summary>How many calls the carrier has been told to place or has got.</summary>
    public static async Task<int> Placed(this TestWorld world) => (await world.Control("/_sandbox/twilio/calls")).GetArrayLength();

    /// <summary>What the sandbox knows of a call.</summary>
    public static Task<JsonElement> Line(this TestWorld world, string sid) => world.Control($"/_sandbox/twilio/calls/{sid}");

    /// <summary>Waits until the carrier's call is so.</summary>
    public static async Task<JsonElement> Until(this TestWorld world, string sid, Func<JsonElement, bool> isSo, string what)
    {
        JsonElement line = default;
        await TestWorld.Until(async () => isSo(line = await world.Line(sid)), what);
        return line;
    }
}

/// <summary>Somebody who places calls, and signs in again when time has passed.</summary>
internal sealed record Ringer(TestWorld World, HttpClient Node, string Email, bool IsMobile)
{
    private const string Password = "secret";

    public string Token { get; private set; } = "";

    public async Task SignUp()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/register") { Content = JsonContent.Create(new { email = Email, password = Password }) };
        request.Headers.Add("X-App-Type", IsMobile ? "mobile" : "web");
        Token = (await People.PairOf(await Node.SendAsync(request))).Access;
    }

    public Task<AccountId> Id() =>
        World.Database.Read(session => session.One<AccountId>("SELECT account_id FROM accounts WHERE email = @Email", new { Email }));

    /// <summary>Has a plan from now on, as a store would say.</summary>
    public async Task Subscribe(string planId)
    {
        var (services, now, account) = (World.Services, World.Clock.GetUtcNow(), await Id());
        var plan = (await services.GetRequiredService<PlanCatalog>().Find(planId))!;
        var facts = new EntitlementFacts(
            account, plan.Product, plan.Id, plan.Version, PlanStore.AppStore, $"purchase_{Guid.NewGuid():N}", EntitlementStatus.Active, now,
            plan.Type == PlanType.Weekly ? now.AddDays(7) : now.AddMonths(1), false, null, null);
        await World.Database.Write(transaction => services.GetRequiredService<Entitlements>().Put(transaction, facts));
    }

    /// <summary>Has bought credits.</summary>
    public async Task Grant(long credits) => await World.Services.GetRequiredService<Ledger>().Grant(
        new GrantOrder(await Id(), Unit.Credit, "signup_bonus", $"grant:{Guid.NewGuid():N}", Credits.Whole(credits), "test"));

    public Task<HttpResponseMessage> Get(string path, string? key = null) => Send(HttpMethod.Get, path, null, key);

    public Task<HttpResponseMessage> Post(string path, object? body = null, string? key = null) => Send(HttpMethod.Post, path, body, key);

    public Task<HttpResponseMessage> Delete(string path) => Send(HttpMethod.Delete, path, null, null);

    /// <summary>Rings somebody, as this kind of account does; answers whatever came back.</summary>
    public Task<HttpResponseMessage> Ring(string number = Lines.Somebody, string scenario = "default", string? key = null) => IsMobile
        ? Post("/mobile/make-call", new { phone_number = number, scenario }, key)
        : Get($"/make-call/{Uri.EscapeDataString(number)}/{scenario}", key);

    /// <summary>The carrier's id of a call that was placed.</summary>
    public async Task<string> Call(string number = Lines.Somebody, string scenario = "default")
    {
        using var answer = await Ring(number, scenario);
        var body = await answer.Json();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {body}");
        return body.Text("call_sid")!;
    }

    /// <summary>A call as its account sees it.</summary>
    public async Task<JsonElement> Show(string id)
    {
        using var answer = await Get($"/api/calls/{id}");
        var body = await answer.Json();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {body}");
        return body;
    }

    public async Task<JsonElement> Stats() => await (await Get("/usage-stats")).Json();

    /// <summary>Waits until the call is so.</summary>
    public async Task<JsonElement> Until(string id, Func<JsonElement, bool> isSo, string what)
    {
        JsonElement call = default;
        await TestWorld.Until(async () => isSo(call = await Show(id)), what);
        return call;
    }

    /// <summary>Waits until its books are closed.</summary>
    public Task<JsonElement> Settled(string id) => Until(id, call => call.GetProperty("is_settled").GetBoolean(), "the call is settled");

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body, string? key = null)
    {
        var answer = await Once(method, path, body, key);
        if (answer.StatusCode != System.Net.HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        answer.Dispose();
        Token = (await People.PairOf(await Node.LogIn(Email, Password))).Access;
        return await Once(method, path, body, key);
    }

    private async Task<HttpResponseMessage> Once(HttpMethod method, string path, object? body, string? key)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
        request.Content = body is null ? null : JsonContent.Create(body);
        if (IsMobile)
        {
            request.Headers.Add("X-App-Type", "mobile");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await Node.SendAsync(request);
    }
}
