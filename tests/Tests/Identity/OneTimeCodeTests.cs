using System.Net;
using Ledgerline.Identity;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

/// <summary>Codes: one purpose, one use, five attempts, fifteen minutes (proof 32).</summary>
public sealed class OneTimeCodeTests
{
    // Proof 32, first part; on PostgreSQL over two nodes.
    [Theory, EveryDatabase]
    public async Task Of_twenty_with_one_code_one_gets_a_token(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        using (await world.Client.SignUpPhone())
        {
        }

        for (var round = 0; round < 3; round++)
        {
            var code = await Phones.CodeIn(await world.Client.SendOtp());
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? second ?? world.Client : world.Client).Verify(code)));
            await Phones.TokenIn(Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK));
            foreach (var late in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            {
                await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", late);
            }

            Assert.Equal(round + 1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM sign_in_sessions")));
        }
    }

    [Theory, EveryDatabase]
    public async Task Of_twenty_with_one_code_one_sets_the_password(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var token = await world.Client.SignedIn();
        var code = await Phones.CodeIn(await world.Client.Forgot());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? second ?? world.Client : world.Client).Reset(code, $"password {i}")));
        var winner = Assert.Single(Enumerable.Range(0, 20), i => answers[i].StatusCode == HttpStatusCode.OK);
        foreach (var late in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", late);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(token));
        token = await world.Client.SignInAgain();
        await Phones.Said(
            "Password changed successfully", await world.Client.ChangePassword(token, new { current_password = $"password {winner}", new_password = "last" }));
    }

    [Theory, EveryDatabase]
    public async Task The_fifth_attempt_may_be_right_and_the_sixth_may_not(string engine)
    {
        await using var world = await People.World(engine);
        using (await world.Client.SignUpPhone())
        {
        }

        foreach (var wrong in new[] { 4, 5 })
        {
            var code = await Phones.CodeIn(await world.Client.SendOtp());
            for (var attempt = 0; attempt < wrong; attempt++)
            {
                await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(Phones.Other(code)));
            }

            using var last = await world.Client.Verify(code);
            Assert.Equal(wrong == 4 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, last.StatusCode);
        }

        var reset = await Phones.CodeIn(await world.Client.Forgot());
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(Phones.Other(reset), "new"));
        }

        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(reset, "new"));
    }

    [Theory, EveryDatabase]
    public async Task Guesses_at_the_same_time_are_counted_one_by_one(string engine)
    {
        await using var world = await People.World(engine);
        using (await world.Client.SignUpPhone())
        {
        }

        var code = await Phones.CodeIn(await world.Client.SendOtp());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await world.Client.Verify(Phones.Other(code))).Dispose()));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(code));
        Assert.Equal(OneTimeCodes.Attempts, await world.Database.Read(session => session.One<int>("SELECT attempts FROM one_time_codes")));
    }

    [Theory, EveryDatabase]
    public async Task A_code_of_one_purpose_or_number_is_none_for_another(string engine)
    {
        await using var world = await People.World(engine);
        using (await world.Client.SignUpPhone())
        using (await world.Client.SignUpPhone("+15550100124"))
        {
        }

        var (signIn, reset) = (await Phones.CodeIn(await world.Client.SendOtp()), await Phones.CodeIn(await world.Client.Forgot()));
        // By chance, once in 900,000, both are the same.
        Assert.NotEqual(signIn, reset);
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(reset));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(signIn, "new"));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(signIn, "+15550100124"));
        await Phones.TokenIn(await world.Client.Verify(signIn));
        await Phones.Said("Password reset successfully", await world.Client.Reset(reset, "new"));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(signIn));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(reset, "new"));
    }

    [Theory, EveryDatabase]
    public async Task A_new_code_takes_the_place_of_the_old_one_with_attempts_of_its_own(string engine)
    {
        await using var world = await People.World(engine);
        using (await world.Client.SignUpPhone())
        {
        }

        var old = await Phones.CodeIn(await world.Client.SendOtp());
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (await world.Client.Verify(Phones.Other(old))).Dispose();
        }

        var code = await Phones.CodeIn(await world.Client.SendOtp());
        Assert.NotEqual(old, code);
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(old));
        await Phones.TokenIn(await world.Client.Verify(code));
    }

    [Theory, EveryDatabase]
    public async Task A_code_ends_after_fifteen_minutes(string engine)
    {
        await using var world = await People.World(engine);
        using (await world.Client.SignUpPhone())
        {
        }

        var (code, reset) = (await Phones.CodeIn(await world.Client.SendOtp()), await Phones.CodeIn(await world.Client.Forgot()));
        world.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await Phones.TokenIn(await world.Client.Verify(code));
        code = await Phones.CodeIn(await world.Client.SendOtp());
        world.Clock.Advance(TimeSpan.FromMinutes(15));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(code));
        await People.Refused(HttpStatusCode.BadRequest, "OTP expired", await world.Client.Reset(reset, "new"));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(Phones.Other(reset), "new"));

        world.Clock.Advance(OneTimeCodes.Remembered);
        await ActivatorUtilities.CreateInstance<SweepIdentity>(world.Services).Run(new IdentitySweepDue(), default);
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM one_time_codes")));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(reset, "new"));
    }

    [Fact]
    public async Task What_fails_before_the_token_leaves_the_code_as_it_was()
    {
        await using var world = await People.World();
        using (await world.Client.SignUpPhone())
        {
        }

        var code = await Phones.CodeIn(await world.Client.SendOtp());
        world.Database.Engine.Watch = sql => _ = sql.Contains("INSERT INTO sign_in_sessions", StringComparison.Ordinal) ? throw new TimeoutException() : false;
        using var failed = await world.Client.Verify(code);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        world.Database.Engine.Watch = null;
        await Phones.TokenIn(await world.Client.Verify(code));
    }
}
