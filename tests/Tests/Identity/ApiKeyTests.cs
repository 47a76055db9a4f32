using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Identity;
using Microsoft.Extensions.DependencyInjection;
using Tests.Gateway.V1;
using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Identity;

public sealed class ApiKeyTests
{
    [Theory, EveryDatabase]
    public async Task A_key_is_shown_once_and_stored_as_a_hash(string engine)
    {
        await using var world = await TestWorld.Start(engine, new() { ["LOG_LEVEL"] = "TRACE" });
        var owner = await Customer.New(world, credits: 10);
        var expires = world.Clock.GetUtcNow().AddDays(1);

        var made = await Post(world, owner, new
        {
            name = " Build server \r\n",
            scopes = new[] { "models", "transcription", "models" },
            spend_limit_credits = 12.5m,
            expires_at = expires.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        });

        Assert.Equal(200, made.Status);
        var (id, key) = (made.Body.GetProperty("id").GetString()!, made.Body.GetProperty("key").GetString()!);
        Assert.Matches("^lk_[A-Za-z0-9_-]{43}$", key);
        Assert.Equal(("Build server", 12.5m), (made.Body.GetProperty("name").GetString(), made.Body.GetProperty("spend_limit_credits").GetDecimal()));
        Assert.Equal("""["transcription","models"]""", made.Body.GetProperty("scopes").GetRawText());

        var listed = Assert.Single((await owner.Get("/api/keys")).Body.EnumerateArray());
        Assert.Equal((id, $"{key[..7]}…{key[^4..]}", JsonValueKind.Null), (listed.GetProperty("id").GetString(), listed.GetProperty("hint").GetString(), listed.GetProperty("last_used_at").ValueKind));
        Assert.DoesNotContain(key, listed.GetRawText(), StringComparison.Ordinal);

        var caller = new V1Caller(world, owner, id, key);
        Assert.Equal(200, (await caller.Transcribe(Recordings.Wav(1))).Status);
        Assert.Equal(200, (await caller.Get("/v1/models")).Status);
        listed = Assert.Single((await owner.Get("/api/keys")).Body.EnumerateArray());
        Assert.Equal(1, listed.GetProperty("spent_credits").GetDecimal());
        Assert.EndsWith("Z", listed.GetProperty("last_used_at").GetString(), StringComparison.Ordinal);

        var stored = await world.Database.Read(session => session.List<string>("SELECT key_hash || ' ' || prefix || ' ' || last_four FROM api_keys"));
        Assert.DoesNotContain(key, Assert.Single(stored), StringComparison.Ordinal);
        LogScrub.AssertClean(world.Logs, key, key[3..], owner.Token);
    }

    [Fact]
    public async Task A_key_opens_v1_and_nothing_else()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/users/me"), (HttpMethod.Get, "/api/keys"), (HttpMethod.Post, "/api/keys"), (HttpMethod.Post, "/api/transcribe"), (HttpMethod.Get, "/api/events") })
        {
            var refused = await Reply.Of(world.Client.SendAsync(caller.Request(method, path)));
            Assert.Equal((401, "API keys are accepted under /v1 only; sign in for this address"), (refused.Status, refused.Detail.GetString()));
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        Assert.Equal(200, (await caller.Get("/v1/models")).Status);
        Assert.Equal(200, (await V1Caller.Person(world, caller.Owner).Get("/v1/models")).Status);
    }

    [Fact]
    public async Task A_scope_is_asked_for_by_name()
    {
        await using var world = await TestWorld.Start();
        var models = await V1Caller.New(world, credits: 10, scopes: ["models"]);

        var refused = await models.Transcribe(Recordings.Wav(1));

        Assert.Equal((403, "insufficient_permissions"), (refused.Status, refused.Code));
        Assert.Equal("The API key lacks the scope transcription", refused.Error.GetProperty("message").GetString());
        Assert.Equal(200, (await models.Get("/v1/models")).Status);
        Assert.Equal(403, (await (await V1Caller.Of(world, models.Owner, scopes: ["transcription"])).Get("/v1/models/whisper-1")).Status);
        await models.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_key_that_is_wrong_over_or_revoked_is_401_in_OpenAIs_shape()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        var expiring = await V1Caller.Of(world, caller.Owner, expires: world.Clock.GetUtcNow().AddMinutes(10).ToString("o", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(200, (await expiring.Get("/v1/models")).Status);

        foreach (var key in new[] { "lk_", "lk_short", $"lk_{new string('A', 43)}", caller.Key[..^1], caller.Key + "A", caller.Key.Replace("lk_", "LK_", StringComparison.Ordinal), "eyJ.x.y" })
        {
            var refused = await new V1Caller(world, caller.Owner, "", key).Transcribe(Recordings.Wav(1));
            Assert.Equal((401, "invalid_api_key", "Bearer"), (refused.Status, refused.Code, refused.Headers["WWW-Authenticate"]));
        }

        var nobody = await V1Reply.Of(world.Client.GetAsync("/v1/models"));
        Assert.Equal((401, "invalid_api_key"), (nobody.Status, nobody.Code));

        world.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(401, (await expiring.Get("/v1/models")).Status);
        Assert.Equal(200, (await Revoke(world, caller)).Status);
        Assert.Equal(401, (await caller.Get("/v1/models")).Status);
        Assert.Equal((404, """{"detail":"API key not found"}"""), StatusAndText(await Revoke(world, caller)));
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task Revoking_reaches_the_other_node_within_thirty_seconds()
    {
        await using var world = await TestWorld.Start("postgres");
        using var second = await world.StartNode();
        var caller = await V1Caller.New(world, credits: 1);
        Assert.Equal(200, (await caller.Get("/v1/models", second)).Status);
        Assert.Equal(200, (await caller.Get("/v1/models")).Status);

        await Revoke(world, caller);

        Assert.Equal(401, (await caller.Get("/v1/models")).Status);
        world.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(401, (await caller.Get("/v1/models", second)).Status);
    }

    [Fact]
    public async Task A_deactivated_account_has_no_keys_that_open()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 1);
        await world.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_active = @no", new { no = false }));

        Assert.Equal(401, (await caller.Get("/v1/models")).Status);
    }

    [Fact]
    public async Task Another_accounts_key_does_not_exist()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 1);
        var stranger = await Customer.New(world, credits: 1);

        var refused = await Reply.Of(world.Client.SendAsync(stranger.Request(HttpMethod.Delete, $"/api/keys/{caller.KeyId}")));

        Assert.Equal((404, """{"detail":"API key not found"}"""), StatusAndText(refused));
        Assert.Equal("[]", (await stranger.Get("/api/keys")).Text);
        Assert.Equal(200, (await caller.Get("/v1/models")).Status);
    }

    [Theory]
    [InlineData("""{"scopes":["models"]}""", "body.name")]
    [InlineData("""{"name":"  ","scopes":["models"]}""", "body.name")]
    [InlineData("""{"name":"a\r\nX-Other: b","scopes":["models"]}""", "body.name")]
    [InlineData("""{"name":"a"}""", "body.scopes")]
    [InlineData("""{"name":"a","scopes":[]}""", "body.scopes")]
    [InlineData("""{"name":"a","scopes":["models","admin"]}""", "body.scopes")]
    [InlineData("""{"name":"a","scopes":[null]}""", "body.scopes")]
    [InlineData("""{"name":"a","scopes":"models"}""", "body.scopes")]
    [InlineData("""{"name":"a","scopes":["models"],"spend_limit_credits":0}""", "body.spend_limit_credits")]
    [InlineData("""{"name":"a","scopes":["models"],"spend_limit_credits":-1}""", "body.spend_limit_credits")]
    [InlineData("""{"name":"a","scopes":["models"],"spend_limit_credits":0.0000001}""", "body.spend_limit_credits")]
    [InlineData("""{"name":"a","scopes":["models"],"spend_limit_credits":1e20}""", "body.spend_limit_credits")]
    [InlineData("""{"name":"a","scopes":["models"],"spend_limit_credits":"many"}""", "body.spend_limit_credits")]
    [InlineData("""{"name":"a","scopes":["models"],"expires_at":"2020-01-01T00:00:00Z"}""", "body.expires_at")]
    [InlineData("""{"name":"a","scopes":["models"],"expires_at":"tomorrow"}""", "body.expires_at")]
    public async Task What_is_no_order_for_a_key_is_422_and_says_where(string body, string place)
    {
        await using var world = await TestWorld.Start();
        var owner = await Customer.New(world, credits: 0);
        using var request = owner.Request(HttpMethod.Post, "/api/keys", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        var reply = await Reply.Of(world.Client.SendAsync(request));

        Assert.Equal((422, place), (reply.Status, reply.Status == 422 ? reply.Fault.Location : reply.Text));
    }

    [Fact]
    public async Task An_account_has_at_most_a_hundred_keys_and_what_is_over_makes_room()
    {
        await using var world = await TestWorld.Start();
        var owner = await Customer.New(world, credits: 0);
        var keys = world.Services.GetRequiredService<ApiKeys>();
        var soon = world.Clock.GetUtcNow().AddHours(1);
        for (var number = 0; number < ApiKeys.Most - 1; number++)
        {
            Assert.NotNull(await keys.Create(owner.Id, new ApiKeyOrder("a", ["models"], null, soon)));
        }

        // The last place is one place, however many want it at once.
        var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => keys.Create(owner.Id, new ApiKeyOrder("a", ["models"], null, soon))));
        Assert.Single(made, one => one is not null);
        var refused = await Post(world, owner, new { name = "b", scopes = new[] { "models" } });
        Assert.Equal((409, "There are 100 API keys already; revoke one first"), (refused.Status, refused.Detail.GetString()));

        world.Clock.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(await keys.Create(owner.Id, new ApiKeyOrder("a", ["models"], null, null)));
    }

    [Fact]
    public async Task Keys_that_ended_long_ago_are_forgotten()
    {
        await using var world = await TestWorld.Start();
        var owner = await Customer.New(world, credits: 0);
        var (revoked, _) = (await V1Caller.Of(world, owner), await V1Caller.Of(world, owner));
        await Revoke(world, revoked);
        var keys = world.Services.GetRequiredService<ApiKeys>();

        world.Clock.Advance(TimeSpan.FromDays(399));
        await keys.ForgetOld(default);
        Assert.Equal(2, await Rows());
        world.Clock.Advance(TimeSpan.FromDays(2));
        await keys.ForgetOld(default);
        Assert.Equal(1, await Rows());

        Task<long> Rows() => world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM api_keys"));
    }

    private static (int, string) StatusAndText(Reply reply) => (reply.Status, reply.Text);

    private static Task<Reply> Post(TestWorld world, Customer owner, object body) =>
        Reply.Of(world.Client.SendAsync(owner.Request(HttpMethod.Post, "/api/keys", JsonContent.Create(body))));

    private static Task<Reply> Revoke(TestWorld world, V1Caller caller) =>
        Reply.Of(world.Client.SendAsync(caller.Owner.Request(HttpMethod.Delete, $"/api/keys/{caller.KeyId}")));
}
