using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Sandbox.Core;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>One answer of the sandbox's Stripe.</summary>
internal sealed record StripeAnswer(HttpStatusCode Status, JsonObject Body, HttpResponseHeaders Headers)
{
    public JsonNode? this[string name] => Body[name];

    public string Id => Text("id");

    public JsonObject Error => Body["error"]!.AsObject();

    public string Text(params string[] path) => (string)At(path)!;

    public long Number(params string[] path) => (long)At(path)!;

    public JsonNode? At(params string[] path) => path.Aggregate<string, JsonNode?>(Body, (node, step) => node is JsonArray items ? items[int.Parse(step)] : node![step]);

    public IReadOnlyList<JsonObject> Data => [.. Body["data"]!.AsArray().Select(one => one!.AsObject())];
}

/// <summary>
/// The sandbox on a free port with a listener for its webhooks, and plain HTTP towards it. Every answer is held against Stripe's
/// specification, and so is every event that arrives.
/// </summary>
internal sealed class StripeSandbox : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly SandboxOptions _options;

    private StripeSandbox(WebApplication app, SandboxClock clock, SandboxOptions options, WebhookListener listener)
    {
        (_app, Clock, _options, Webhooks) = (app, clock, options, listener);
        Address = new Uri(SandboxApp.AddressOf(app));
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }
    public SandboxClock Clock { get; }
    public WebhookListener Webhooks { get; }
    public HttpClient Http => _http;
    public SandboxOptions Options => _options;

    public static async Task<StripeSandbox> Start(Action<SandboxOptions>? change = null)
    {
        await SpecInspector.Ready();
        var listener = await WebhookListener.Start();
        var clock = new SandboxClock();
        var options = new SandboxOptions { ServerUrl = listener.Address, InspectAnswer = Inspect };
        change?.Invoke(options);
        var app = SandboxApp.Build(options, clock);
        await app.StartAsync();
        return new StripeSandbox(app, clock, options, listener);
    }

    public Task<StripeAnswer> Get(string pathAndQuery) => Send(HttpMethod.Get, pathAndQuery);

    public Task<StripeAnswer> Delete(string path) => Send(HttpMethod.Delete, path);

    /// <summary>Posts a form, as <c>name=value</c> parts; what has no equals sign is taken as it is.</summary>
    public Task<StripeAnswer> Post(string path, params (string Name, object Value)[] form) => Send(HttpMethod.Post, path, form);

    public async Task<StripeAnswer> Send(
        HttpMethod method, string path, (string Name, object Value)[]? form = null, string? key = null, string? authorization = "Bearer sk_test_123", string? version = null)
    {
        using var request = new HttpRequestMessage(method, "/stripe" + path);
        if (form is not null)
        {
            request.Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, Value(field.Value))));
        }

        return await Send(request, key, authorization, version);
    }

    public async Task<StripeAnswer> Send(HttpRequestMessage request, string? key = null, string? authorization = "Bearer sk_test_123", string? version = null)
    {
        Add("Idempotency-Key", key);
        Add("Authorization", authorization);
        Add("Stripe-Version", version);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode != 599, text);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return new StripeAnswer(response.StatusCode, JsonNode.Parse(text)!.AsObject(), response.Headers);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
        }
    }

    /// <summary>A call of the control room that must work.</summary>
    public async Task<JsonNode> Control(string path, object? body = null)
    {
        var (status, answer) = await TryControl(path, body);
        Assert.True((int)status < 300, $"{path} answered {(int)status}: {answer}");
        return answer!;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Answer)> TryControl(string path, object? body = null)
    {
        using var response = await _http.PostAsJsonAsync("/_sandbox" + path, body ?? new { });
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>A session for one credit pack, 14.99 USD.</summary>
    public Task<StripeAnswer> CheckoutSession(params (string Name, object Value)[] more) => Post("/v1/checkout/sessions",
    [
        ("mode", "payment"), ("success_url", "https://shop.example/back?from=stripe&session_id={CHECKOUT_SESSION_ID}"), ("cancel_url", "https://shop.example/cancel"),
        ("client_reference_id", "order-1"), ("metadata[order_id]", "order-1"), ("line_items[0][quantity]", 1), ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", 1499), ("line_items[0][price_data][product_data][name]", "Pro Pack"),
        ("line_items[0][price_data][product_data][description]", "2000 credits"), .. more,
    ]);

    /// <summary>A paid session; answers its payment intent.</summary>
    public async Task<string> Paid(string card = "4242424242424242")
    {
        var session = await CheckoutSession();
        return (string)(await Control($"/stripe/checkout/{session.Id}", new { card }))["payment_intent"]!;
    }

    /// <summary>The types of all events, oldest first.</summary>
    public async Task<string[]> EventTypes() => [.. (await Get("/v1/events?limit=100")).Data.Select(one => (string)one["type"]!).Reverse()];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await Webhooks.DisposeAsync();
        foreach (var received in Webhooks.Received)
        {
            // An earlier generation's events have that generation's shape.
            if (string.CompareOrdinal((string?)JsonNode.Parse(received.Body)!["api_version"], "2025-03-31") >= 0)
            {
                Assert.Null(await StripeEvents.Check(received.Body));
            }
        }
    }

    private static string Value(object value) => value is bool flag ? flag ? "true" : "false" : $"{value}";

    // Some calls are played that the vendored part of the specification does not have, such as disputes.
    private static string? Inspect(Microsoft.AspNetCore.Http.HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body) =>
        SpecInspector.Inspect(context, status, contentType, body) is { } violation && !violation.EndsWith("has no such operation.", StringComparison.Ordinal) ? violation : null;
}
