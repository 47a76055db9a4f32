using System.Net;
using Npgsql;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>Signing up and in with a phone number, as the chat collection does it (C5.1 to C5.6).</summary>
public sealed class PhoneSignInTests
{
    [Theory, EveryDatabase]
    public async Task A_phone_signs_up_signs_in_and_knows_itself(string engine)
    {
        await using var world = await People.World(engine);
        await Phones.Said("User registered", await world.Client.SignUpPhone("+1 (555) 010-0123", "testpassword123"));
        // Repeatable: 200 each time.
        await Phones.Said("User registered", await world.Client.SignUpPhone(password: "testpassword123"));

        var token = await world.Client.SignInAgain("5550100123");
        var me = await world.Client.Me(token);
        Assert.Equal(["id", "mobile_number", "is_verified", "subscription"], me.EnumerateObject().Select(field => field.Name));
        Assert.InRange(me.GetProperty("id").GetInt64(), 1, (1L << 53) - 1);
        Assert.Equal((Phones.Number, "basic"), (me.Text("mobile_number"), me.Text("subscription")));
        Assert.True(me.GetProperty("is_verified").GetBoolean());

        // One issuer, one key: the token opens the other areas too, under the same number.
        using var users = await world.Client.Send(HttpMethod.Get, "/users/me", token);
        Assert.Equal(me.GetProperty("id").GetInt64(), (await users.Json()).GetProperty("id").GetInt64());
        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM accounts")));
    }

    [Theory, EveryDatabase]
    public async Task A_token_is_good_for_seven_days(string engine)
    {
        await using var world = await People.World(engine);
        var token = await world.Client.SignedIn();
        world.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await world.Client.Me(token);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid token", await world.Client.Send(HttpMethod.Get, "/user/me", token));
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_told_in_the_words_of_the_chat_clients()
    {
        await using var world = await People.World();
        var token = await world.Client.SignedIn();
        await People.Refused(HttpStatusCode.Unauthorized, "Not authenticated", await world.Client.Send(HttpMethod.Get, "/user/me", null));
        await People.Refused(HttpStatusCode.Unauthorized, "Not authenticated", await world.Client.ChangePassword(null, new { old_password = "a", new_password = "b" }));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid token", await world.Client.Send(HttpMethod.Get, "/user/me", token + "x"));
        using (await world.Client.LogOut(token))
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Invalid token", await world.Client.Send(HttpMethod.Get, "/user/me", token));
            await People.Refused(HttpStatusCode.Unauthorized, "Could not validate credentials", await world.Client.Send(HttpMethod.Get, "/users/me", token));
        }
    }

    // Proof 33: an account without a password cannot be claimed by signing up again.
    [Theory, EveryDatabase]
    public async Task The_second_sign_up_answers_the_same_and_changes_nothing(string engine)
    {
        await using var world = await People.World(engine);
        var token = await world.Client.SignedIn();
        var before = await Rows(world);
        await Phones.Said("User registered", await world.Client.SignUpPhone(password: "the thief's"));
        Assert.Equal(before, await Rows(world));
        await People.Refused(
            HttpStatusCode.BadRequest, "No password set for this user",
            await world.Client.ChangePassword(token, new { old_password = "the thief's", new_password = "mine" }));
    }

    [Theory, EveryDatabase]
    public async Task Ten_sign_ups_of_one_number_at_the_same_time_are_one_account(string engine)
    {
        await using var world = await People.World(engine);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => world.Client.SignUpPhone(i % 2 == 0 ? Phones.Number : "555 010 0123", $"password {i}")));
        foreach (var answer in answers)
        {
            await Phones.Said("User registered", answer);
        }

        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM accounts")));
    }

    [Fact]
    public async Task A_number_and_an_address_are_two_accounts_and_each_says_what_it_has()
    {
        await using var world = await People.World();
        var phone = await world.Client.SignedIn();
        var mail = await world.Client.SignUp("jane@example.com", "secret");
        var me = await world.Client.Me(mail.Access);
        Assert.Equal(("", false), (me.Text("mobile_number"), me.GetProperty("is_verified").GetBoolean()));
        Assert.NotEqual((await world.Client.Me(phone)).GetProperty("id").GetInt64(), me.GetProperty("id").GetInt64());

        // Who has an e-mail and a password changes it here too.
        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(mail.Access, new { old_password = "secret", new_password = "another" }));
        await People.PairOf(await world.Client.LogIn("jane@example.com", "another"));
    }

    [Fact]
    public async Task A_code_shows_the_number_and_an_account_that_was_never_sent_one_is_not_verified()
    {
        await using var world = await People.World();
        var token = await world.Client.SignedIn();
        await world.Database.Write(transaction => transaction.Execute("UPDATE identities SET verified_at = NULL"));
        Assert.False((await world.Client.Me(token)).GetProperty("is_verified").GetBoolean());
        await Phones.Said("Password reset successfully", await world.Client.Reset(await Phones.CodeIn(await world.Client.Forgot()), "new"));
        Assert.True((await world.Client.Me(await world.Client.SignInAgain())).GetProperty("is_verified").GetBoolean());
    }

    [Fact]
    public async Task A_deactivated_account_gets_no_code_and_its_code_opens_nothing()
    {
        await using var world = await People.World();
        var token = await world.Client.SignedIn();
        var (code, reset) = (await Phones.CodeIn(await world.Client.SendOtp()), await Phones.CodeIn(await world.Client.Forgot()));
        await world.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_active = @no", new { no = false }));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(code));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(reset, "new"));
        await People.Refused(HttpStatusCode.BadRequest, "User not found", await world.Client.SendOtp());
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid token", await world.Client.Send(HttpMethod.Get, "/user/me", token));
    }

    [Theory]
    [InlineData("/auth/signup", """{"mobile_number":"+15550100123"}""")]
    [InlineData("/auth/send-otp", """{"mobile_number":"+15550100123"}""")]
    public async Task An_own_failure_says_nothing_in_the_words_of_the_chat_clients(string path, string body)
    {
        await using var world = await People.World();
        using (await world.Client.SignUpPhone(Phones.Nobody))
        {
            world.Database.Engine.Watch = _ => throw new InvalidOperationException("The database is in pieces.");
        }

        using var answer = await world.Client.PostAsync(path, People.Raw(body, "application/json"));
        world.Database.Engine.Watch = null;
        Assert.Equal((HttpStatusCode.InternalServerError, """{"detail":"Internal server error"}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));

        world.Database.Engine.Watch = _ => throw new NpgsqlException("Nobody listens.", new IOException());
        using var away = await world.Client.PostAsync(path, People.Raw(body, "application/json"));
        world.Database.Engine.Watch = null;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (away.StatusCode, away.Headers.RetryAfter?.Delta));
        Assert.DoesNotContain("listens", await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<string>> Rows(TestWorld world) => world.Database.Read(session => session.List<string>(
        "SELECT subject || COALESCE(password_hash, 'none') || created_at || COALESCE(verified_at, 0) || account_id FROM identities ORDER BY subject"));
}
