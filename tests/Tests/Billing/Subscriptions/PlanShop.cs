using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>A world in which plans are sold: the catalogue is at Stripe, and renewals come with the clock.</summary>
internal sealed class PlanShop : IAsyncDisposable
{
    public const string Password = "correct horse";

    private readonly Shop shop;

    private PlanShop(Shop shop) => this.shop = shop;

    public Shop Shop => shop;
    public TestWorld World => shop.World;

    public static async Task<PlanShop> Open(
        string engine = "sqlite", Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? adjust = null) =>
        new(await Shop.Open(engine, new(settings ?? []) { ["STRIPE_SYNC_CATALOGUE"] = settings?.GetValueOrDefault("STRIPE_SYNC_CATALOGUE") ?? "true" }, adjust));

    /// <summary>Somebody new, signed in.</summary>
    public async Task<Subscriber> NewSubscriber()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        using var answer = await World.Client.PostAsJsonAsync("/auth/register", new { email, password = Password });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        using var asking = new HttpRequestMessage(HttpMethod.Get, "/api/billing/balance") { Headers = { Authorization = new("Bearer", token) } };
        using var balance = await World.Client.SendAsync(asking);
        return new Subscriber(this, World.Client, AccountId.Parse((await balance.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("user_id").GetString()!), email, token);
    }

    /// <summary>The plan's price at Stripe, once it is there.</summary>
    public async Task<string> Price(string plan)
    {
        var id = "";
        await TestWorld.Until(
            async () => (await Stripe($"prices?lookup_keys[]={plan}")).GetProperty("data").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } price
                && (id = price.GetProperty("id").GetString()!).Length > 0,
            $"the price of {plan} is at Stripe");
        return id;
    }

    /// <summary>Waits until nothing of the catalogue is on its way to Stripe any more.</summary>
    public Task Synced() => TestWorld.Until(
        async () => await Row<long>("SELECT count(*) FROM jobs WHERE kind LIKE 'CatalogueSyncDue%'") == 0, "the catalogue is at Stripe");

    public Task<JsonElement> Stripe(string path) => shop.Stripe(path);

    /// <summary>What somebody with Stripe's pages open can do behind our back.</summary>
    public async Task<JsonElement> StripePost(string path, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/stripe/v1/" + path)
        {
            Headers = { { "Authorization", "Bearer sk_test_sandbox" } },
            Content = new FormUrlEncodedContent(form.Select(one => new KeyValuePair<string, string>(one.Name, one.Value))),
        };
        using var answer = await World.Sandbox.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<string?> CustomerOf(AccountId account) =>
        await Rows<string>($"SELECT customer_id FROM stripe_customers WHERE account_id = '{account}' AND customer_id IS NOT NULL") is [var id, ..] ? id : null;

    /// <summary>The card that pays a subscription from now on, changed at Stripe.</summary>
    public async Task PayWith(Subscriber subscriber, string subscription, string card)
    {
        var method = (await StripePost($"payment_methods/{card}/attach", ("customer", (await CustomerOf(subscriber.Account))!))).GetProperty("id").GetString()!;
        await StripePost($"subscriptions/{subscription}", ("default_payment_method", method));
        await Heard();
    }

    /// <summary>Somebody with <c>basic_monthly</c> whose second month could not be charged.</summary>
    public async Task<(Subscriber Subscriber, string Subscription)> Unpaid()
    {
        var subscriber = await NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await PayWith(subscriber, id, "pm_card_chargeCustomerFail");
        await PassMonth();
        return (subscriber, id);
    }

    /// <summary>Moves the clock, and waits until everything that happened on the way has been heard, and every job is done that was due.</summary>
    public async Task Pass(TimeSpan time)
    {
        await Heard();
        World.Clock.Advance(time);
        await Done();
    }

    /// <summary>Moves the clock to the renewal of the newest subscription, past the hour in which Stripe leaves its invoice open.</summary>
    public async Task PassMonth()
    {
        await Heard();
        var next = DateTimeOffset.MinValue;
        // The renewal before this one may still be on its way.
        await TestWorld.Until(
            async () => (next = DateTimeOffset.FromUnixTimeMilliseconds(await Row<long>("SELECT MAX(period_end) FROM subscriptions")) + TimeSpan.FromMinutes(70))
                > World.Clock.GetUtcNow(),
            "the period that runs is known");
        World.Clock.SetNow(next);
        await Done();
    }

    private async Task Done()
    {
        await Heard();
        await TestWorld.Until(async () => await Get<JobQueue>().Waiting(CancellationToken.None) == 0, "every job is done that is due");
    }

    public Task Heard() => shop.Heard();

    public Task<T> Row<T>(string sql) => shop.Row<T>(sql);

    public Task<IReadOnlyList<T>> Rows<T>(string sql) => shop.Rows<T>(sql);

    public T Get<T>()
        where T : notnull => shop.Get<T>();

    public ValueTask DisposeAsync() => shop.DisposeAsync();
}
