using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;
using Xunit;

namespace Tests.Billing;

/// <summary>A world in which credits are sold: customers, Stripe's side of the counter, and the road of the webhooks.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const string Secret = "whsec_sandbox";
    public static readonly string[] WebhookPaths = ["/api/billing/webhook", "/payments/stripe-webhook", "/webhook/stripe"];

    private Shop(TestWorld world) => World = world;

    public TestWorld World { get; }

    public static async Task<Shop> Open(
        string engine = "sqlite", Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? adjust = null) =>
        new(await TestWorld.Start(engine, new(settings ?? []) { ["ENABLE_RATE_LIMITING"] = "false" }, adjust));

    /// <summary>Somebody new, signed in for half an hour.</summary>
    public async Task<Customer> NewCustomer()
    {
        using var answer = await World.Client.PostAsJsonAsync("/auth/register", new { email = $"{Guid.NewGuid():N}@example.com", password = "correct horse" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        using var asking = new HttpRequestMessage(HttpMethod.Get, "/api/billing/balance") { Headers = { Authorization = new("Bearer", token) } };
        using var balance = await World.Client.SendAsync(asking);
        var id = (await balance.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("user_id").GetString()!;
        return new Customer(this, World.Client, AccountId.Parse(id), token);
    }

    /// <summary>Presses the page's Pay button.</summary>
    public Task<JsonElement> Pay(string sessionId, string card = "4242424242424242") =>
        World.Control($"/_sandbox/stripe/checkout/{sessionId}", new { card });

    /// <summary>What the sandbox's Stripe answers to its own kind of call.</summary>
    public async Task<JsonElement> Stripe(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/stripe/v1/" + path) { Headers = { { "Authorization", "Bearer sk_test_sandbox" } } };
        using var answer = await World.Sandbox.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Changes a session behind our back, as somebody with Stripe's pages open can.</summary>
    public async Task ChangeMetadata(string sessionId, string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/stripe/v1/checkout/sessions/" + sessionId)
        {
            Headers = { { "Authorization", "Bearer sk_test_sandbox" } },
            Content = new FormUrlEncodedContent([new($"metadata[{name}]", value)]),
        };
        using var answer = await World.Sandbox.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public Task HoldWebhooks() => World.Control("/_sandbox/stripe/webhooks", new { hold = true });

    public Task ReleaseWebhooks() => World.Control("/_sandbox/stripe/webhooks", new { hold = false });

    /// <summary>Waits until the server has taken every event that Stripe has told it.</summary>
    public async Task Heard()
    {
        // Before it answers anything, Stripe does what is due by its clock; only then all of its events are on their way.
        await Stripe("customers?limit=1");
        JsonElement waiting = default;
        await TestWorld.Until(
            async () => (waiting = await World.Control("/_sandbox/webhooks?provider=stripe&delivered=false&limit=1")).GetArrayLength() == 0,
            () => $"every event is delivered; not {waiting}");
    }

    /// <summary>The raw body of the newest event of this type, as Stripe sends it.</summary>
    public async Task<string> EventBody(string type)
    {
        foreach (var delivery in (await World.Control("/_sandbox/webhooks?provider=stripe&limit=1000")).EnumerateArray())
        {
            var body = delivery.GetProperty("body").GetString()!;
            if (JsonDocument.Parse(body).RootElement.GetProperty("type").GetString() == type)
            {
                return body;
            }
        }

        throw new InvalidOperationException($"Stripe has told no {type}.");
    }

    /// <summary>Delivers a body as Stripe would; answers the status and the answer's text.</summary>
    public async Task<(HttpStatusCode Status, string Body)> Deliver(
        string body, string path = "/api/billing/webhook", HttpClient? node = null, string? secret = Secret, DateTimeOffset? at = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (secret is not null)
        {
            request.Headers.Add("Stripe-Signature", Signature(body, secret, at ?? World.Clock.GetUtcNow()));
        }

        using var answer = await (node ?? World.Client).SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>An event around an object, as Stripe words it.</summary>
    public string Event(string type, string subject, string? id = null, DateTimeOffset? created = null, bool livemode = false) =>
        $$$"""
        {"id":"{{{id ?? $"evt_{Guid.NewGuid():N}"}}}","object":"event","api_version":"2026-08-26.dahlia","created":{{{(created ?? World.Clock.GetUtcNow()).ToUnixTimeSeconds()}}},
        "type":"{{{type}}}","livemode":{{{(livemode ? "true" : "false")}}},"pending_webhooks":1,"request":null,"data":{"object": {{{subject}}} } }
        """;

    public static string Signature(string body, string secret, DateTimeOffset at)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";
    }

    /// <summary>One value from the database.</summary>
    public Task<T> Row<T>(string sql) => World.Database.Read(session => session.One<T>(sql));

    public Task<IReadOnlyList<T>> Rows<T>(string sql) => World.Database.Read(session => session.List<T>(sql));

    public T Get<T>()
        where T : notnull => World.Services.GetRequiredService<T>();

    /// <summary>The next requests to Stripe fail like this.</summary>
    public Task Fault(object fault) => World.Control("/_sandbox/faults", fault);

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
