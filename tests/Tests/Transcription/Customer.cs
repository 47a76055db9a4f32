using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>An answer as a client sees it.</summary>
internal sealed record Reply(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;
    public JsonElement Detail => Body.GetProperty("detail");
    public string Code => Detail.GetProperty("code").GetString()!;
    public bool Replayed => Headers.Contains("Idempotency-Replayed");

    /// <summary>The list form of a 422: where and why.</summary>
    public (string Location, string Message) Fault
    {
        get
        {
            var only = Assert.Single(Detail.EnumerateArray());
            return (string.Join('.', only.GetProperty("loc").EnumerateArray()), only.GetProperty("msg").GetString()!);
        }
    }

    public static async Task<Reply> Of(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        return new Reply((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers);
    }
}

/// <summary>A usage record as it is stored.</summary>
internal sealed class UsageRow
{
    public required string Action { get; init; }
    public required string Model { get; init; }
    public long CreditsMicro { get; init; }
    public long CostMicroUsd { get; init; }
    public long DurationMs { get; init; }
    public required string Basis { get; init; }
    public required string Reason { get; init; }
    public string? ProviderRequestId { get; init; }
    public required string Metadata { get; init; }
}

/// <summary>Somebody with an account and credits, who uploads recordings and whose books can be looked at.</summary>
internal sealed class Customer
{
    private readonly TestWorld world;

    private Customer(TestWorld world, AccountId id, string token) => (this.world, Id, Token) = (world, id, token);

    public AccountId Id { get; }

    public string Token { get; }

    public static async Task<Customer> New(TestWorld world, long credits)
    {
        using var registered = await world.Client.PostAsJsonAsync("/auth/register", new { email = $"{Guid.NewGuid():N}@example.com", password = "a password" });
        var token = (await registered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        return await As(world, token, credits);
    }

    /// <summary>Whoever this access token belongs to.</summary>
    public static async Task<Customer> As(TestWorld world, string token, long credits = 0)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/users/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var profile = await Reply.Of(world.Client.SendAsync(request));
        Assert.Equal(200, profile.Status);
        var customer = new Customer(world, AccountId.Parse(profile.Body.GetProperty("id").GetString()!), token);
        if (credits > 0)
        {
            await customer.Give(credits);
        }

        return customer;
    }

    public Task Give(long credits) => world.Services.GetRequiredService<Ledger>().Grant(
        new GrantOrder(Id, Unit.Credit, "purchase", $"test:{Guid.NewGuid()}", Credits.Whole(credits), "A gift for the test"));

    public Task<Reply> Transcribe(
        byte[] audio, string fileName = "audio.wav", string query = "", string? key = null, HttpClient? node = null, CancellationToken stop = default) =>
        Send(HttpMethod.Post, "/api/transcribe" + query, Form(audio, fileName), key, node, stop);

    public Task<Reply> Post(HttpContent content, string query = "", string? key = null) => Send(HttpMethod.Post, "/api/transcribe" + query, content, key);

    public Task<Reply> Get(string path) => Send(HttpMethod.Get, path);

    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null, string? key = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return request;
    }

    public static MultipartFormDataContent Form(byte[] audio, string fileName = "audio.wav") => new() { { new ByteArrayContent(audio), "audio", fileName } };

    /// <summary>What can be spent and what is owed, in whole credits.</summary>
    public async Task<(long Available, long Owed)> Wallet()
    {
        var balance = await world.Services.GetRequiredService<Ledger>().Balance(Id, Unit.Credit);
        return (balance.Available.Floor, balance.Owed.Floor);
    }

    public Task<IReadOnlyList<UsageRow>> Usage() => world.Database.Read(session => session.List<UsageRow>(
        """
        SELECT action, model, credits_micro, cost_micro_usd, duration_ms, basis, reason, provider_request_id, metadata
        FROM usage_records WHERE account_id = @Id ORDER BY created_at, id
        """,
        new { Id }));

    /// <summary>The ledger's rows of one kind: amount in whole credits and description.</summary>
    public async Task<IReadOnlyList<(long Credits, string Description)>> Ledger(string kind)
    {
        var rows = await world.Database.Read(session => session.List<LedgerRow>(
            """
            SELECT CAST(COALESCE(SUM(e.amount_micro), 0) AS bigint) AS amount_micro, t.description FROM ledger_transactions t
            JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.book IN ('wallet', 'owed')
            WHERE t.account_id = @Id AND t.kind = @kind GROUP BY t.id, t.description, t.created_at ORDER BY t.created_at, t.id
            """,
            new { Id, kind }));
        return [.. rows.Select(row => (row.AmountMicro / Credits.MicroPerCredit, row.Description))];
    }

    public Task<IReadOnlyList<string>> Holds() => world.Database.Read(session =>
        session.List<string>("SELECT status FROM holds WHERE account_id = @Id ORDER BY created_at, id", new { Id }));

    /// <summary>Nothing was charged, nothing recorded, nothing is held.</summary>
    public async Task AssertUntouched(long credits)
    {
        Assert.Equal((credits, 0), await Wallet());
        Assert.Empty(await Usage());
        Assert.Empty(await Ledger("usage"));
        Assert.DoesNotContain("open", await Holds());
    }

    private async Task<Reply> Send(
        HttpMethod method, string path, HttpContent? content = null, string? key = null, HttpClient? node = null, CancellationToken stop = default)
    {
        using var request = Request(method, path, content, key);
        return await Reply.Of((node ?? world.Client).SendAsync(request, stop));
    }

    private sealed class LedgerRow
    {
        public long AmountMicro { get; init; }
        public required string Description { get; init; }
    }
}
