using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Notices;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Notices;

/// <summary>Text messages: once a step and never twice on a phone, for Twilio cannot tell a repetition.</summary>
public sealed class TexterTests
{
    [Theory, EveryDatabase]
    public async Task A_step_that_runs_twice_on_two_nodes_writes_once_and_one_that_fails_writes_nothing(string engine)
    {
        await using var office = await PostOffice.Open(engine);
        using var second = engine == "postgres" ? await office.World.StartNode() : null;
        var account = await Register(office);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => Write(office, account, $"step:{turn % 2}", $"Words {turn % 2}")));
        await Assert.ThrowsAsync<TimeoutException>(() => office.World.Database.Write(transaction =>
        {
            Texter(office).Send(transaction, account, Message(office, "step:3", "Three"));
            throw new TimeoutException();
        }));

        await office.Done();
        Assert.Equal(["Words 0", "Words 1"], (await office.World.Inbox()).Order(StringComparer.Ordinal));
        Assert.Equal(["sent", "sent"], await office.States());
        Assert.Equal(0, await office.World.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM notices WHERE body_text <> ''")));
        LogScrub.AssertClean(office.World.Logs, Phones.Number, "Words 0", "Words 1");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(401)]
    public async Task What_Twilio_did_not_take_goes_later(int status)
    {
        await using var office = await PostOffice.Open();
        var account = await Register(office);
        await Fault(office, new { provider = "twilio", path = "/Messages.json", times = 2, status });
        await Write(office, account, "step:1", "Late words");
        await office.Done();
        Assert.Equal(["Late words"], await office.World.Inbox());
        Assert.Equal(["sent"], await office.States());
    }

    [Theory]
    [InlineData("""{"provider":"twilio","path":"/Messages.json","times":1,"status":500,"when":"after"}""", "doubtful: Twilio answered 500, error 20500.", 1)]
    [InlineData("""{"provider":"twilio","path":"/Messages.json","times":1,"status":503}""", "doubtful: Twilio answered 503, error 20503.", 0)]
    [InlineData("""{"provider":"twilio","path":"/Messages.json","times":1,"drop":true,"when":"after"}""", "doubtful: Twilio cannot be reached: HttpRequestException.", 1)]
    public async Task What_is_in_doubt_is_not_repeated(string fault, string state, int arrived)
    {
        await using var office = await PostOffice.Open();
        var account = await Register(office);
        await Fault(office, JsonSerializer.Deserialize<JsonElement>(fault));
        await Write(office, account, "step:1", "Perhaps");
        await office.Done();
        Assert.Equal([state], await office.States());
        Assert.Equal(arrived, (await office.World.Inbox()).Count);
        Assert.Single((await office.World.Control("/_sandbox/requests?provider=twilio")).EnumerateArray());
    }

    [Theory, EveryDatabase]
    public async Task An_attempt_that_was_cut_off_is_not_repeated(string engine)
    {
        await using var office = await PostOffice.Open(engine);
        var account = await Register(office);
        // As a crash between "about to send" and the note leaves it.
        await office.World.Database.Write(async transaction =>
        {
            Texter(office).Send(transaction, account, Message(office, "step:1", "Perhaps"));
            await transaction.HandOver(default);
            await transaction.Execute("UPDATE notices SET status = 'sending'");
        });
        await TestWorld.Until(async () => (await office.States())[0] != "sending", "somebody gave it up");
        Assert.Equal(["doubtful: the attempt to send it was cut off"], await office.States());
        Assert.Empty(await office.World.Inbox());
    }

    [Fact]
    public async Task What_the_carrier_will_never_take_is_given_up_at_once()
    {
        await using var office = await PostOffice.Open();
        var account = await Register(office);
        await office.World.Control("/_sandbox/twilio/opt-out", new { number = Phones.Number });
        await Write(office, account, "step:1", "Unwanted");
        await office.Done();
        Assert.Equal(["refused: Twilio answered 400, error 21610."], await office.States());
        LogScrub.AssertClean(office.World.Logs, Phones.Number, "Unwanted");
    }

    [Fact]
    public async Task What_cannot_be_sent_in_time_is_not_sent_late()
    {
        // Nobody listens there.
        await using var office = await PostOffice.Open(settings: new() { ["TWILIO_BASE_URL"] = "http://127.0.0.1:9" });
        var account = await Register(office);
        await Write(office, account, "step:1", "Old news");
        await office.Done();
        Assert.Equal(["skipped: it came too late to be of use"], await office.States());
        Assert.Contains(office.World.Logs.All, line => line.Contains("NoticeWaiting → SendNotice failed at attempt 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_sealed_under_another_secret_is_given_up()
    {
        await using var office = await PostOffice.Open();
        var account = await Register(office);
        await office.World.Database.Write(async transaction =>
        {
            Texter(office).Send(transaction, account, Message(office, "step:1", "Words"));
            await transaction.HandOver(default);
            await transaction.Execute("UPDATE notices SET body_text = 'AAAA' || body_text");
        });
        await office.Done();
        Assert.Equal(["refused: it was sealed under another SECRET_KEY"], await office.States());
    }

    [Fact]
    public async Task Notices_that_are_long_of_no_use_are_forgotten_and_mails_are_not()
    {
        await using var office = await PostOffice.Open();
        var (phone, mail) = (await Register(office), await office.Register("ada@example.com"));
        await Write(office, phone, "step:1", "Words");
        await office.Write(mail, new Mail("step:1", "Subject", "Words"));
        await office.Done();
        office.World.Clock.Advance(ForgetNotices.Kept + TimeSpan.FromHours(1));
        await ActivatorUtilities.CreateInstance<ForgetNotices>(office.World.Services).Run(new ForgetNoticesDue(), default);
        Assert.Equal("mail", await office.World.Database.Read(session => session.One<string>("SELECT channel FROM notices")));
    }

    [Fact]
    public async Task Verify_carries_our_code_in_its_words()
    {
        await using var world = await Phones.Discreet("sqlite", ("TWILIO_VERIFY_SERVICE_SID", "VA5a4d00000000000000000000000b0000"));
        (await world.Client.SignUpPhone()).Dispose();
        await Phones.Said("OTP sent", await world.Client.SendOtp());
        await TestWorld.Until(async () => (await world.Inbox()).Count == 1, "the code came");
        var text = (await world.Inbox())[0];
        Assert.StartsWith("Your Sandbox verification code is: ", text, StringComparison.Ordinal);
        await Phones.TokenIn(await world.Client.Verify(text[^6..]));
    }

    [Fact]
    public async Task On_ones_own_machine_codes_can_go_to_the_log()
    {
        await using var world = await Phones.Discreet("sqlite", ("OTP_DELIVERY", "log"));
        (await world.Client.SignUpPhone()).Dispose();
        await Phones.Said("OTP sent", await world.Client.SendOtp());
        const string said = "sent to nobody: ";
        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains(said, StringComparison.Ordinal))), "the code is in the log");
        var line = world.Logs.All.First(line => line.Contains(said, StringComparison.Ordinal));
        await Phones.TokenIn(await world.Client.Verify(line[(line.IndexOf(said, StringComparison.Ordinal) + said.Length)..][..6]));
        Assert.Empty(await world.Inbox());
    }

    private static Texter Texter(PostOffice office) => office.World.Services.GetRequiredService<Texter>();

    private static TextMessage Message(PostOffice office, string key, string words) => new(key, words, office.World.Clock.GetUtcNow() + TimeSpan.FromMinutes(15));

    private static Task Write(PostOffice office, AccountId account, string key, string words) =>
        office.World.Database.Write(transaction => Texter(office).Send(transaction, account, Message(office, key, words)));

    private static async Task<AccountId> Register(PostOffice office)
    {
        (await office.World.Client.SignUpPhone()).Dispose();
        return await office.World.Database.Read(session => session.One<AccountId>("SELECT account_id FROM identities WHERE kind = 'phone'"));
    }

    private static async Task Fault(PostOffice office, object fault)
    {
        using var answer = await office.World.Sandbox.PostAsJsonAsync("/_sandbox/faults", fault);
        answer.EnsureSuccessStatusCode();
    }
}
