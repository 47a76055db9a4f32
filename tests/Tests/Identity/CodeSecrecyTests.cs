using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Tests.Http;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>Where codes are not said: nobody but the phone gets one, and nothing tells whether a number is somebody's (proof 32, second part).</summary>
public sealed class CodeSecrecyTests
{
    private const string NotYet = "Twilio answers 429";

    [Theory, EveryDatabase]
    public async Task The_whole_way_by_phone_alone_and_no_answer_table_or_log_holds_a_code(string engine)
    {
        await using var world = await Phones.Discreet(engine);
        await Phones.Said("User registered", await world.Client.SignUpPhone(password: "hunter2-canary"));
        // While the message waits its words lie in a table.
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Messages.json", times = 1, status = 429 });
        world.ExpectedViolations.Add("429");
        await Phones.Said("OTP sent", await world.Client.SendOtp());
        await TestWorld.Until(async () => await One(world, "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'NoticeWaiting%' AND attempt = 1 AND status = 'ready'") == 1, NotYet);
        var waiting = await Everything(world);
        Assert.Equal(1, await One(world, "SELECT COUNT(*) FROM notices WHERE status = 'waiting' AND body_text <> ''"));
        world.Clock.Advance(TimeSpan.FromSeconds(3));

        var code = await world.CodeOnPhone();
        var token = await Phones.TokenIn(await world.Client.Verify(code));
        await Phones.Said("Password reset OTP sent", await world.Client.Forgot());
        var reset = await world.CodeOnPhone(2);
        await Phones.Said("Password reset successfully", await world.Client.Reset(reset, "another-canary"));
        await TestWorld.Until(async () => await One(world, "SELECT COUNT(*) FROM notices WHERE status = 'sent' AND body_text = ''") == 2, "both messages are noted and forgotten");

        var tables = await Everything(world);
        foreach (var secret in new[] { code, reset })
        {
            var alone = new Regex($"(?<![0-9A-Za-z.]){secret}(?![0-9A-Za-z])");
            Assert.Empty(from text in waiting.Concat(tables).Concat(world.Logs.All) where alone.IsMatch(text) select $"A table or the log says {secret}: {text}");
        }

        Assert.Contains(tables, text => text == Phones.Number);
        LogScrub.AssertClean(world.Logs, Phones.Number, token, "hunter2-canary", "another-canary");
    }

    [Theory, EveryDatabase]
    public async Task An_unknown_number_is_answered_the_same_after_the_same_work_and_nothing_is_sent(string engine)
    {
        await using var world = await Phones.Discreet(engine);
        for (var time = 0; time < 2; time++)
        {
            var asked = TimeProvider.System.GetTimestamp();
            await Phones.Said("User registered", await world.Client.SignUpPhone());
            Assert.InRange(TimeProvider.System.GetElapsedTime(asked), SignUpPhone.Stroke - TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue);
        }

        // So that no housekeeping of a new server is in between.
        var recurring = world.Services.GetRequiredService<Listeners>().Recurring.Count;
        await TestWorld.Until(async () => await One(world, "SELECT COUNT(*) FROM recurring") == recurring && await One(world, "SELECT COUNT(*) FROM jobs") == 0, "the server is at rest");
        var statements = new ConcurrentQueue<string>();
        world.Database.Engine.Watch = statements.Enqueue;
        List<string[]> work = [];
        foreach (var number in new[] { Phones.Number, Phones.Nobody })
        {
            await Phones.Said("OTP sent", await world.Client.SendOtp(number));
            await Phones.Said("Password reset OTP sent", await world.Client.Forgot(number));
            for (var attempt = 0; attempt < 6; attempt++)
            {
                await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify("123456", number));
                await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset("123456", "new", number));
            }

            work.Add([.. statements.Where(Tells)]);
            statements.Clear();
        }

        world.Database.Engine.Watch = null;
        Assert.Equal(work[0], work[1]);
        // Each code: looked up, made, written as a notice and a job. Each try: one attempt.
        Assert.Equal((2 * 4) + (2 * 6), work[1].Length);
        Assert.Equal(4, await One(world, "SELECT COUNT(*) FROM one_time_codes WHERE attempts = 5"));
        await TestWorld.Until(async () => await One(world, "SELECT COUNT(*) FROM notices WHERE status IN ('waiting', 'sending')") == 0, "every message went or was given up");
        Assert.Equal(2, (await world.Inbox()).Count);
        Assert.Empty(await world.Inbox(Phones.Nobody));
        Assert.Equal(2, await One(world, "SELECT COUNT(*) FROM notices WHERE status = 'skipped' AND problem = 'nobody has this number'"));
        Assert.DoesNotContain(await Everything(world), text => text.Contains(Phones.Nobody, StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_development_the_answer_says_it_all_and_the_phone_gets_it_too()
    {
        await using var world = await People.World();
        (await world.Client.SignUpPhone()).Dispose();
        using var sent = await world.Client.SendOtp();
        Assert.Equal(["otp"], (await sent.Json()).EnumerateObject().Select(field => field.Name));
        Assert.Equal(await Phones.CodeIn(sent), await world.CodeOnPhone());
        using var forgot = await world.Client.Forgot();
        Assert.Equal(["otp", "message"], (await forgot.Json()).EnumerateObject().Select(field => field.Name));
        await People.Refused(HttpStatusCode.BadRequest, "User not found", await world.Client.SendOtp(Phones.Nobody));
        await People.Refused(HttpStatusCode.BadRequest, "User not found", await world.Client.Forgot(Phones.Nobody));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify("123456", Phones.Nobody));
    }

    [Fact]
    public async Task In_production_without_Twilio_codes_cannot_be_had_and_the_rest_works()
    {
        await using var server = await EdgeServer.Start(environment: "Production");
        await Phones.Said("User registered", await server.Client.SignUpPhone());
        await People.Refused(HttpStatusCode.ServiceUnavailable, "Text messages are not configured", await server.Client.SendOtp());
        await People.Refused(HttpStatusCode.ServiceUnavailable, "Text messages are not configured", await server.Client.Forgot("+15550100124"));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await server.Client.Verify("123456"));
        Assert.Equal(0, await server.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM notices")));
    }

    [Fact]
    public async Task Codes_are_spread_over_all_six_digit_numbers()
    {
        await using var world = await People.World();
        (await world.Client.SignUpPhone()).Dispose();
        List<int> codes = [];
        for (var i = 0; i < 200; i++)
        {
            codes.Add(int.Parse(await Phones.CodeIn(await world.Client.SendOtp()), System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.All(codes, code => Assert.InRange(code, 100_000, 999_999));
        // All 200 in one half, or four alike: once in 10^40 runs.
        Assert.Contains(codes, code => code < 550_000);
        Assert.Contains(codes, code => code >= 550_000);
        Assert.True(codes.Distinct().Count() > 190);
    }

    private static bool Tells(string sql) => sql.Contains("one_time_codes", StringComparison.Ordinal) || sql.Contains("INSERT INTO notices", StringComparison.Ordinal)
        || sql.Contains("INSERT INTO jobs", StringComparison.Ordinal) || sql.Contains("i.kind = @kind AND i.subject", StringComparison.Ordinal);

    private static Task<long> One(TestWorld world, string sql) => world.Database.Read(session => session.One<long>(sql));

    /// <summary>Every value of every table as text.</summary>
    private static Task<List<string>> Everything(TestWorld world) => world.Database.Read(async session =>
    {
        var tables = await session.List<string>(world.Database.EngineName == "postgres"
            ? "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        Assert.Contains("one_time_codes", tables);
        List<string> values = [];
        foreach (var table in tables)
        {
            values.AddRange(from row in await session.List<dynamic>($"SELECT * FROM {table}") from cell in (IDictionary<string, object?>)row select $"{cell.Value}");
        }

        return values;
    });
}
