using System.Net;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

public sealed class LogInTests
{
    // Proof 36, C3.2, C4.1: whatever registered also logs in, from the phone, whose form is not encoded, and from the web.
    [Theory]
    [InlineData("plain")]
    [InlineData("a+b")]
    [InlineData("a&b=c&password=d&username=e")]
    [InlineData("100%")]
    [InlineData("%41%2B%zz%")]
    [InlineData("a=b==")]
    [InlineData(" leading and trailing ")]
    [InlineData("Grüße Straße 日本語 🔑 é")]
    [InlineData("quotes \"'` back\\slash ; # ?")]
    public async Task Any_password_that_registered_logs_in(string password)
    {
        await using var world = await People.World();
        foreach (var email in new[] { "jane@example.com", "jane+tag@example.com", "100%a&b=c@example.com" })
        {
            await world.Client.SignUp(email, password);
            await People.PairOf(await world.Client.LogInFromPhone(email, password));
            await People.PairOf(await world.Client.LogIn(email, password));
            await People.PairOf(await world.Client.LogIn(email, password, "/token"));
            await People.PairOf(await world.Client.LogIn($" {email.ToUpperInvariant()} ", password));
        }
    }

    [Fact]
    public async Task A_plus_in_an_address_survives_a_client_that_does_not_encode_it()
    {
        await using var world = await People.World();
        await world.Client.SignUp("jane+tag@example.com", "secret");
        await People.PairOf(await world.Client.PostAsync("/token", People.Raw("username=jane+tag@example.com&password=secret")));
    }

    [Fact]
    public async Task A_phone_that_learns_to_encode_still_logs_in()
    {
        await using var world = await People.World();
        await world.Client.SignUp("jane+tag@example.com", "a+b & c");
        await People.PairOf(await world.Client.LogInFromPhone("jane%2Btag%40example.com", "a%2Bb+%26+c"));
    }

    [Fact]
    public async Task The_literal_reading_is_for_the_phone_alone()
    {
        await using var world = await People.World();
        await world.Client.SignUp("jane@example.com", "a%41");
        await People.Refused(
            HttpStatusCode.Unauthorized, "Incorrect username or password",
            await world.Client.PostAsync("/auth/login", People.Raw("username=jane@example.com&password=a%41")));
    }

    [Fact]
    public async Task A_form_may_be_multipart()
    {
        await using var world = await People.World();
        await world.Client.SignUp("jane@example.com", "secret");
        using var form = new MultipartFormDataContent { { new StringContent("jane@example.com"), "username" }, { new StringContent("secret"), "password" } };
        await People.PairOf(await world.Client.PostAsync("/token", form));
    }

    [Theory, EveryDatabase]
    public async Task Nobody_learns_which_half_was_wrong(string engine)
    {
        await using var world = await People.World(engine);
        await world.Client.SignUp("jane@example.com", "secret");
        await WithoutPassword(world, "google-only@example.com");
        foreach (var user in new[] { "jane@example.com", "nobody@example.com", "google-only@example.com", "no address\u0000 at all", "" })
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogIn(user, "wrong"));
            await People.Refused(HttpStatusCode.Unauthorized, "Incorrect email or password", await world.Client.LogIn(user, "wrong", "/token"));
        }

        await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogIn("jane@example.com", new string('x', 5000)));
        await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogIn("jane@example.com", ""));
    }

    [Fact]
    public async Task An_unknown_address_costs_as_much_time_as_a_known_one()
    {
        await using var world = await People.World("sqlite", ("PASSWORD_ITERATIONS", "300000"));
        await world.Client.SignUp("jane@example.com", "secret");
        await WithoutPassword(world, "google-only@example.com");
        var known = await Median("jane@example.com");
        foreach (var other in new[] { "nobody@example.com", "google-only@example.com" })
        {
            var time = await Median(other);
            Assert.True(time > known * 0.3, $"A wrong password took {known}, {other} {time}.");
        }

        async Task<TimeSpan> Median(string user)
        {
            var times = new List<TimeSpan>();
            for (var turn = 0; turn < 5; turn++)
            {
                var began = TimeProvider.System.GetTimestamp();
                using var answer = await world.Client.LogIn(user, "wrong");
                times.Add(TimeProvider.System.GetElapsedTime(began));
            }

            return times.Order().ElementAt(2);
        }
    }

    [Fact]
    public async Task A_burst_of_sign_ins_lets_others_through()
    {
        await using var world = await People.World("sqlite", ("PASSWORD_ITERATIONS", "200000"));
        var pair = await world.Client.SignUp("jane@example.com", "secret");
        var burst = Task.WhenAll(Enumerable.Range(0, 60).Select(index => world.Client.LogIn($"nobody{index}@example.com", "wrong")));
        for (var turn = 0; turn < 10; turn++)
        {
            Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        }

        Assert.False(burst.IsCompleted, "The burst was over before ten others had their turn: they waited in its line.");
        Assert.All(await burst, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
    }

    [Theory]
    [InlineData("", "body -> username")]
    [InlineData("username=jane@example.com", "body -> password")]
    [InlineData("password=secret", "body -> username")]
    [InlineData("{\"username\":\"jane@example.com\",\"password\":\"secret\"}", "body -> username")]
    public async Task A_form_without_its_fields_is_named(string body, string field)
    {
        await using var world = await People.World();
        using var answer = await world.Client.PostAsync("/auth/login", People.Raw(body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(field, (await answer.Json()).GetProperty("errors")[0].Text("field"));
    }

    [Fact]
    public async Task A_broken_form_and_a_huge_one_are_refused()
    {
        await using var world = await People.World();
        using var broken = await world.Client.PostAsync("/token", People.Raw("--x\r\nnothing", "multipart/form-data; boundary=x"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.StatusCode);
        using var huge = await world.Client.PostAsync("/token", People.Raw("username=a&password=" + new string('x', 200_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
    }

    [Theory, EveryDatabase]
    public async Task A_weaker_hash_is_renewed_by_its_owner(string engine)
    {
        await using var world = await People.World(engine, ("PASSWORD_ITERATIONS", "2000"));
        await world.Client.SignUp("jane@example.com", "secret");
        using var former = new Passwords(new IdentityOptions { Secret = new byte[1], PasswordIterations = 1000 }, new Ids(world.Clock));
        var weak = await former.Hash("secret", default);
        await world.Database.Write(transaction => transaction.Execute("UPDATE identities SET password_hash = @weak", new { weak }));

        using (await world.Client.LogIn("jane@example.com", "wrong"))
        {
            Assert.Equal(weak, await Stored());
        }

        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
        Assert.NotEqual(weak, await Stored());
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));

        Task<string> Stored() => world.Database.Read(session => session.One<string>("SELECT password_hash FROM identities"));
    }

    [Theory, EveryDatabase]
    public async Task A_deactivated_account_is_out(string engine)
    {
        await using var world = await People.World(engine);
        var pair = await world.Client.SignUp("jane@example.com", "secret");
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        await world.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_active = @no", new { no = false }));

        await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogIn("jane@example.com", "secret"));
        await People.Refused(HttpStatusCode.Unauthorized, "Refresh token invalid or expired", await world.Client.Refresh(pair.Refresh));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(pair.Access));
    }

    [Fact]
    public async Task Nothing_secret_or_personal_is_logged()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("very.private@example.com", "open sesame");
        using var wrong = await world.Client.LogIn("very.private@example.com", "close sesame");
        var second = await People.PairOf(await world.Client.LogInFromPhone("very.private@example.com", "open sesame"));
        var third = await People.PairOf(await world.Client.Refresh(second.Refresh));
        using var gone = await world.Client.LogOut(third.Access);

        foreach (var secret in new[] { "very.private", "sesame", pair.Access, pair.Refresh, second.Access, second.Refresh, third.Access, third.Refresh })
        {
            Assert.DoesNotContain(world.Logs.All, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static Task WithoutPassword(Tests.World.TestWorld world, string email) => world.Database.Write(transaction =>
        world.Services.GetRequiredService<Accounts>().Create(transaction, new NewAccount(IdentityKind.Google, "g-1", email), default));
}
