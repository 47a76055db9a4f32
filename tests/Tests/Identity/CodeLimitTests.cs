using System.Net;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>How often codes are sent and tried (contracts README, rate limits), over all nodes.</summary>
public sealed class CodeLimitTests
{
    private const string Limited = "Rate limit exceeded. Please try again later.";

    [Theory, EveryDatabase]
    public async Task Once_a_minute_and_five_times_an_hour_to_a_number_for_both_purposes_together(string engine)
    {
        await using var world = await Counting(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var nodes = new[] { world.Client, second ?? world.Client };
        (await world.Client.SignUpPhone()).Dispose();
        for (var minute = 0; minute < 5; minute++)
        {
            await Phones.CodeIn(await nodes[minute % 2].SendOtp(minute % 2 == 0 ? Phones.Number : "555-010-0123"));
            await Limit(1, 60, await nodes[(minute + 1) % 2].Forgot());
            world.Clock.Advance(TimeSpan.FromSeconds(61));
        }

        await Limit(3000, 3600, await nodes[1].SendOtp());
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        await Limit(1200, 1800, await nodes[0].Forgot());
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        await Phones.CodeIn(await nodes[0].SendOtp());
    }

    [Theory, EveryDatabase]
    public async Task A_number_that_nobody_has_is_counted_as_others_are(string engine)
    {
        await using var world = await Counting(engine, ("OTP_ECHO_IN_RESPONSE", "false"));
        await Phones.Said("OTP sent", await world.Client.SendOtp(Phones.Nobody));
        await Limit(1, 60, await world.Client.SendOtp(Phones.Nobody));
    }

    [Theory, EveryDatabase]
    public async Task Twenty_times_an_hour_from_one_client_whatever_numbers_it_names(string engine)
    {
        await using var world = await Counting(engine, ("OTP_ECHO_IN_RESPONSE", "false"));
        for (var i = 0; i < 20; i++)
        {
            await Phones.Said(i % 2 == 0 ? "OTP sent" : "Password reset OTP sent", await (i % 2 == 0 ? world.Client.SendOtp($"+155501001{i:00}") : world.Client.Forgot($"+155501001{i:00}")));
            world.Clock.Advance(TimeSpan.FromSeconds(90));
        }

        await Limit(1, 1800, await world.Client.SendOtp("+15550100150"));
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        await Phones.Said("OTP sent", await world.Client.SendOtp("+15550100150"));
    }

    // Proof 29's shape: so many answers, then refusals that the right one does not pass, over two nodes.
    [Theory, EveryDatabase]
    public async Task Ten_tries_a_minute_for_a_number_and_then_not_even_the_right_code(string engine)
    {
        await using var world = await Counting(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        (await world.Client.SignUpPhone()).Dispose();
        var code = await Phones.CodeIn(await world.Client.SendOtp());
        // Tries at another purpose's code do not use up this code's attempts, but they are tries.
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            var node = attempt % 2 == 0 ? second ?? world.Client : world.Client;
            await (attempt <= 10
                ? People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await node.Reset("123456", "new"))
                : Limit(1, 60, await node.Verify(code)));
        }

        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Phones.TokenIn(await world.Client.Verify(code));
    }

    [Fact]
    public async Task Five_sign_ups_a_minute_for_a_number()
    {
        await using var world = await Counting("sqlite");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await Phones.Said("User registered", await world.Client.SignUpPhone());
        }

        await Limit(1, 60, await world.Client.SignUpPhone());
    }

    [Theory, EveryDatabase]
    public async Task Ten_wrong_old_passwords_lock_the_change_and_a_reset_opens_it(string engine)
    {
        await using var world = await People.World(engine);
        var token = await world.Client.SignedIn(password: "right");
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await People.Refused(HttpStatusCode.BadRequest, "Invalid old password", await world.Client.ChangePassword(token, new { old_password = "wrong", new_password = "mine" }));
        }

        var locked = await world.Client.ChangePassword(token, new { old_password = "right", new_password = "mine" });
        Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value.TotalMinutes, 14, 15);
        await People.Refused(HttpStatusCode.TooManyRequests, "Too many wrong passwords. Please try again later.", locked);

        await Phones.Said("Password reset successfully", await world.Client.Reset(await Phones.CodeIn(await world.Client.Forgot()), "new"));
        await Phones.Said(
            "Password changed successfully", await world.Client.ChangePassword(await world.Client.SignInAgain(), new { old_password = "new", new_password = "mine" }));
    }

    private static Task<TestWorld> Counting(string engine, params (string Name, string? Value)[] settings) =>
        People.World(engine, [("ENABLE_RATE_LIMITING", "true"), .. settings]);

    private static async Task Limit(int least, int most, HttpResponseMessage answer)
    {
        Assert.InRange(answer.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, least, most);
        await People.Refused(HttpStatusCode.TooManyRequests, Limited, answer);
    }
}
