using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Billing;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Ledgerline.Wallet;
using Tests.World;
using Xunit;

namespace Tests.Billing;

/// <summary>A signed-in customer, who does what the desktop client does.</summary>
internal sealed class Customer(Shop shop, HttpClient node, AccountId id, string token)
{
    public AccountId Account => id;

    /// <summary>The same customer at another node.</summary>
    public Customer At(HttpClient other) => new(shop, other, id, token);

    public async Task<(HttpStatusCode Status, JsonElement Body)> Send(HttpMethod method, string path, string? idempotencyKey = null)
    {
        using var answer = await Ask(method, path, idempotencyKey);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task<HttpResponseMessage> Ask(HttpMethod method, string path, string? idempotencyKey = null)
    {
        // The desktop client sends this content type with an empty body, on every request.
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent("", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await node.SendAsync(request);
    }

    /// <summary>Posts a JSON body as it stands; answers the status and the answer's text.</summary>
    public async Task<(int Status, string Text)> Post(string path, string json, string? idempotencyKey = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await node.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The answer's text as it stands.</summary>
    public async Task<(int Status, string Text)> Get(string path)
    {
        using var answer = await Ask(HttpMethod.Get, path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Opens a checkout; answers the session's id.</summary>
    public async Task<string> Checkout(string package = "pro")
    {
        var (status, body) = await Send(HttpMethod.Post, $"/api/billing/checkout/{package}");
        Assert.True(status == HttpStatusCode.OK, $"{(int)status} {body}");
        return body.GetProperty("session_id").GetString()!;
    }

    /// <summary>Opens a checkout, pays, and waits until the server knows; answers session and payment.</summary>
    public async Task<(string Session, string Payment)> Buy(string package = "pro")
    {
        var session = await Checkout(package);
        var payment = (await shop.Pay(session)).GetProperty("payment_intent").GetString()!;
        await shop.Heard();
        return (session, payment);
    }

    public async Task<JsonElement> Verify(string session)
    {
        var (status, body) = await Send(HttpMethod.Get, $"/api/billing/verify/{session}");
        Assert.True(status == HttpStatusCode.OK, $"{(int)status} {body}");
        return body;
    }

    public async Task<long> Credits()
    {
        var (status, body) = await Send(HttpMethod.Get, "/api/billing/balance");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Account.ToString(), body.GetProperty("user_id").GetString());
        return body.GetProperty("credits").GetInt64();
    }

    public async Task<long> Owed() => (await shop.Get<Ledger>().Balance(Account, Unit.Credit)).Owed.Ceiling;

    public Task HasCredits(long credits) => TestWorld.Until(async () => await Credits() == credits, $"the balance is {credits}");

    /// <summary>Uses up credits, as paid work does.</summary>
    public async Task Spend(long credits)
    {
        var meter = shop.Get<Meter>();
        var use = new AudioUse(Account, "transcribe", "whisper-1", 15 * credits, $"work:{Guid.NewGuid()}", TimeSpan.FromMinutes(10));
        var paid = await meter.Authorize(use);
        Assert.NotNull(paid.Authorization);
        await meter.Settle(paid.Authorization, new Receipt(new Consumption(), "done", new { }));
    }

    /// <summary>The rows of <c>credit_transactions</c>, newest first.</summary>
    public Task<IReadOnlyList<CreditTransaction>> Rows() => shop.Get<Statements>().Credits(Account);

    /// <summary>Types and amounts, oldest first: <c>purchase 2000, refund -500</c>.</summary>
    public async Task<string> History() => string.Join(", ", (await Rows()).Reverse().Select(row => $"{row.TransactionType} {row.Amount}"));
}
