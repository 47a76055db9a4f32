using System.Net;
using System.Net.Http.Json;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

public sealed class SignUpTests
{
    [Theory, EveryDatabase]
    public async Task A_new_account_is_signed_in_and_knows_itself(string engine)
    {
        await using var world = await People.World(engine);
        var pair = await world.Client.SignUp("  Jane.Doe@Example.com ");

        using var answer = await world.Client.Send(HttpMethod.Get, "/users/me", pair.Access);
        var me = await answer.Json();
        Assert.Equal("jane.doe@example.com", me.Text("email"));
        Assert.Equal("jane.doe", me.Text("name"));
        Assert.Null(me.Text("full_name"));
        Assert.True(me.GetProperty("is_active").GetBoolean());
        Assert.False(me.GetProperty("is_admin").GetBoolean());
        Assert.InRange(me.GetProperty("id").GetInt64(), 1, (1L << 53) - 1);

        using var greeting = await world.Client.Send(HttpMethod.Get, "/protected", pair.Access);
        Assert.Equal("""{"message":"Hello, jane.doe@example.com"}""", await greeting.Content.ReadAsStringAsync());
    }

    [Theory, EveryDatabase]
    public async Task Of_ten_registrations_of_one_address_at_the_same_time_one_succeeds(string engine)
    {
        await using var world = await People.World(engine);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(index => world.Client.PostAsJsonAsync(
            "/auth/register", new { email = index % 2 == 0 ? "jane@example.com" : "JANE@example.com ", password = $"password {index}" })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await People.Refused(HttpStatusCode.BadRequest, "Email already registered", refused);
        }

        Assert.Equal(1, await Count(world.Database, "accounts"));
        Assert.Equal(1, await Count(world.Database, "identities"));
        Assert.Equal(1, await Count(world.Database, "sign_in_sessions"));
        Assert.Equal(1, await Count(world.Database, "refresh_tokens"));
    }

    [Theory, EveryDatabase]
    public async Task What_fails_half_way_leaves_nothing_behind(string engine)
    {
        await using var world = await People.World(engine);
        world.Services.GetRequiredService<Listeners>().On<AccountCreated>().Within<Fails>();

        using var failed = await world.Client.PostAsJsonAsync("/auth/register", new { email = "jane@example.com", password = "secret" });
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(0, await Count(world.Database, "accounts"));
        Assert.Equal(0, await Count(world.Database, "identities"));
        Assert.Equal(0, await Count(world.Database, "sign_in_sessions"));
    }

    [Theory]
    [InlineData("""{"password":"x"}""", "body -> email", "Field required")]
    [InlineData("""{"email":"jane@example.com"}""", "body -> password", "Field required")]
    [InlineData("""{"email":"jane@example.com","password":""}""", "body -> password", "The password must have 1 to 256 characters")]
    [InlineData("""{"email":"jane","password":"x"}""", "body -> email", "Not a valid e-mail address")]
    [InlineData("""{"email":"ja ne@example.com","password":"x"}""", "body -> email", "Not a valid e-mail address")]
    [InlineData("""{"email":"jane@@example.com","password":"x"}""", "body -> email", "Not a valid e-mail address")]
    [InlineData("""{"email":"jane@example","password":"x"}""", "body -> email", "Not a valid e-mail address")]
    [InlineData("""{"email":"ja\u0000ne@example.com","password":"x"}""", "body -> email", "Not a valid e-mail address")]
    [InlineData("""{"email":"ja\ud800ne@example.com","password":"x"}""", "body -> email", "Not a valid value")]
    [InlineData("""{"email":["jane@example.com"],"password":"x"}""", "body -> email", "Not a valid value")]
    [InlineData("""{"email":"jane@example.com","password":"x" """, "body", "Not valid JSON")]
    [InlineData("", "body", "Not valid JSON")]
    public async Task Nonsense_is_named(string body, string field, string message)
    {
        await using var world = await People.World();
        using var answer = await world.Client.PostAsync("/auth/register", People.Raw(body, "application/json"));
        var error = await answer.Json();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("Validation error", error.Text("detail"));
        Assert.Equal((field, message), (error.GetProperty("errors")[0].Text("field"), error.GetProperty("errors")[0].Text("message")));
    }

    [Theory]
    [InlineData("Jane Doe", "Jane Doe")]
    [InlineData("  Zoë 🚀 ", "Zoë 🚀")]
    public async Task A_name_can_be_given(string given, string kept)
    {
        await using var world = await People.World();
        var (pair, other) = (await world.Client.SignUp("jane@example.com"), await world.Client.SignUp("john@example.com"));
        using var renamed = await world.Client.Send(HttpMethod.Post, "/update-user-name", pair.Access, new { name = given });
        var answer = await renamed.Json();
        Assert.Equal(($"User name updated to: {kept}", kept), (answer.Text("message"), answer.Text("name")));

        using var me = await world.Client.Send(HttpMethod.Get, "/users/me", pair.Access);
        Assert.Equal((kept, kept), ((await me.Json()).Text("name"), (await me.Json()).Text("full_name")));
        using var untouched = await world.Client.Send(HttpMethod.Get, "/users/me", other.Access);
        Assert.Equal("john", (await untouched.Json()).Text("name"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("   ")]
    [InlineData("a\u0000b")]
    [InlineData("a\u202Eb")]
    [InlineData("a\u2066b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_name_that_is_none_is_refused(string? name)
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        using var answer = await world.Client.Send(HttpMethod.Post, "/update-user-name", pair.Access, new { name });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("body -> name", (await answer.Json()).GetProperty("errors")[0].Text("field"));
    }

    private static Task<long> Count(Database database, string table) =>
        database.Read(session => session.One<long>($"SELECT COUNT(*) FROM {table}"));

    private sealed class Fails : IWithin<AccountCreated>
    {
        public Task Happen(Transaction transaction, IReadOnlyList<AccountCreated> news, CancellationToken stop) => throw new InvalidOperationException("Somebody who listens fails.");
    }
}
