using Ledgerline.Kernel;
using Ledgerline.Notices;
using Microsoft.AspNetCore.Builder;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Notices;

/// <summary>Mails to accounts: once a step, whatever fails in between, and nothing of them in the log.</summary>
public sealed class MailerTests
{
    private const string Address = "ada.canary@example.com";

    [Theory, EveryDatabase]
    public async Task A_step_that_runs_twice_writes_once_and_one_that_fails_writes_nothing(string engine)
    {
        await using var office = await PostOffice.Open(engine);
        var account = await office.Register(Address);
        var other = await office.Register("bob@example.com");

        await office.Write(account, new Mail("step:1", "First", "One"), new Mail("step:1", "First again", "One again"), new Mail("step:2", "Second", "Two"));
        await office.Write(account, new Mail("step:1", "First late", "One late"));
        await office.Write(other, new Mail("step:1", "Another's first", "One"));
        await Assert.ThrowsAsync<TimeoutException>(() => office.World.Database.Write(transaction =>
        {
            office.Mailer.Send(transaction, account, new Mail("step:3", "Third", "Three"));
            throw new TimeoutException();
        }));

        await office.Done();
        Assert.Equal(["First", "Second"], (await office.Box(Address)).Select(mail => mail.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal("Another's first", Assert.Single(await office.Box("bob@example.com")).GetProperty("subject").GetString());
        Assert.Equal(["sent", "sent", "sent"], await office.States());
        Assert.Equal(0, await office.World.Database.Read(session => session.One<long>(
            "SELECT COUNT(*) FROM notices WHERE subject <> '' OR body_text <> '' OR body_html IS NOT NULL")));
    }

    [Theory, EveryDatabase]
    public async Task Two_nodes_that_take_the_same_step_at_once_write_one_mail(string engine)
    {
        await using var office = await PostOffice.Open(engine);
        await office.World.StartNode();
        var account = await office.Register(Address);
        string[] keys = [.. Enumerable.Range(0, 10).Select(i => $"step:{i}")];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => office.Write(
            account, [.. (turn % 2 == 0 ? keys : keys.Reverse()).Select(key => new Mail(key, key, "text"))])));
        await office.Done();
        Assert.Equal(keys, (await office.Box(Address)).Select(mail => mail.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_the_mail_server_cannot_take_now_goes_later()
    {
        await using var office = await PostOffice.Open();
        var account = await office.Register(Address);
        await office.World.Control("/_sandbox/faults", new { provider = "mail", method = "DATA", times = 2, status = 451 });
        await office.World.Control("/_sandbox/faults", new { provider = "mail", method = "DATA", times = 1, drop = true });
        await office.Write(account, new Mail("step:1", "Late subject", "Late words"));
        await office.Done();
        Assert.Equal("Late words", Assert.Single(await office.Box(Address)).GetProperty("text").GetString());
        Assert.Equal(3, office.World.Logs.All.Count(line => line.Contains("NoticeWaiting → SendNotice failed at attempt", StringComparison.Ordinal)));
        LogScrub.AssertClean(office.World.Logs, Address, "Late subject", "Late words");
    }

    [Fact]
    public async Task A_mail_in_doubt_goes_again_and_Resend_knows_it()
    {
        await using var office = await PostOffice.Open(settings: new() { ["EMAIL_PROVIDER"] = "resend" });
        var account = await office.Register(Address);
        await office.World.Control("/_sandbox/faults", new { provider = "mail", path = "/emails", times = 4, status = 500, when = "after" });
        await office.World.Control("/_sandbox/faults", new { provider = "mail", path = "/emails", times = 1, drop = true, when = "after" });
        await office.Write(account, new Mail("step:1", "Only once", "Words of a mail", "<p>Words</p>"));
        await office.Done();
        var mail = Assert.Single(await office.Box(Address));
        Assert.Equal(("Only once", "Words of a mail", "<p>Words</p>"),
            (mail.GetProperty("subject").GetString(), mail.GetProperty("text").GetString(), mail.GetProperty("html").GetString()));
        LogScrub.AssertClean(office.World.Logs, Address, "Only once", "Words of a mail");
    }

    [Fact]
    public async Task What_the_provider_will_never_take_is_given_up_at_once()
    {
        await using var office = await PostOffice.Open(settings: new() { ["EMAIL_PROVIDER"] = "resend" });
        var account = await office.Register(Address);
        await office.World.Control("/_sandbox/faults", new { provider = "mail", path = "/emails", times = 1, status = 422 });
        await office.Write(account, new Mail("step:1", "Refused", "text"));
        await office.Done();
        Assert.Equal(["refused: Resend answered 422."], await office.States());
        Assert.Empty(await office.Box(Address));
    }

    [Fact]
    public async Task Nobody_to_write_to_is_a_line_in_the_log()
    {
        await using var office = await PostOffice.Open();
        var (silent, gone) = (await office.Register(Address), await office.Register("gone@example.com"));
        await office.World.Database.Write(transaction => transaction.Execute("UPDATE accounts SET email = NULL WHERE account_id = @silent", new { silent }));
        await office.World.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_active = false WHERE account_id = @gone", new { gone }));
        await office.Write(silent, new Mail("step:1", "Unread", "text"));
        await office.Write(gone, new Mail("step:2", "Unread", "text"));
        await office.Write(new AccountId(Guid.Parse("00000000-0000-4000-8000-000000000001")), new Mail("step:3", "Unread", "text"));
        await office.Done();
        Assert.Equal(
            ["skipped: the account has no mail address", "skipped: the account is not active", "skipped: the account is not active"], await office.States());
        Assert.Equal(3, office.World.Logs.All.Count(line => line.Contains("was skipped", StringComparison.Ordinal)));
        Assert.Empty((await office.World.Control("/_sandbox/messages")).EnumerateArray());
    }

    [Theory]
    [InlineData("smtp")]
    [InlineData("resend")]
    public async Task Whatever_stands_in_names_and_subjects_becomes_no_header(string carrier)
    {
        await using var office = await PostOffice.Open(settings: new() { ["EMAIL_PROVIDER"] = carrier });
        const string attack = "Hello\r\nBcc: victim@example.com\r\n\r\n<b>body</b>";
        (string Name, string Subject, string Expected)[] cases =
        [
            ("Ada\r\nBcc: victim@example.com", attack, "Hello Bcc: victim@example.com <b>body</b>"),
            ("Zoë \"the, cat\" <x@evil.example>; \\", "Zahlung überfällig – 支払い 💳 на сегодня", "Zahlung überfällig – 支払い 💳 на сегодня"),
            ("=?utf-8?q?x?=", "\u2028a\u0000b\u0085c\td", "a b c d"),
            (" ", new string('é', 500), new string('é', 200)),
            ("@,;:<>()[]", "half \ud83d of a pair", "half \ufffd of a pair"),
        ];
        for (var i = 0; i < cases.Length; i++)
        {
            var email = $"ada{i}@example.com";
            var account = await office.Register(email);
            await office.World.Database.Write(transaction => transaction.Execute(
                "UPDATE accounts SET full_name = @name WHERE account_id = @account", new { account, name = cases[i].Name }));
            await office.Write(account, new Mail("step:1", cases[i].Subject, $"Guten Tag, Zoë!\r\n.a line\n\n今日\r\n{attack}\u0007"));
        }

        await office.Done();
        for (var i = 0; i < cases.Length; i++)
        {
            var mail = Assert.Single(await office.Box($"ada{i}@example.com"));
            Assert.Equal(cases[i].Expected, mail.GetProperty("subject").GetString());
            Assert.Equal($"Guten Tag, Zoë!\n.a line\n\n今日\n{attack.ReplaceLineEndings("\n")}", mail.GetProperty("text").GetString());
        }

        Assert.Equal(cases.Length, (await office.World.Control("/_sandbox/messages")).GetArrayLength());
        Assert.Empty(await office.Box("victim@example.com"));
    }

    [Theory]
    [InlineData("smtp")]
    [InlineData("resend")]
    public async Task An_address_that_would_be_read_as_another_one_gets_nothing(string carrier)
    {
        await using var office = await PostOffice.Open(settings: new() { ["EMAIL_PROVIDER"] = carrier });
        string[] addresses = ["a,victim@example.com", "<victim@example.com>", "a<victim@example.com", "(victim)a@example.com", "a@b@example.com", "victim"];
        var account = await office.Register(Address);
        for (var i = 0; i < addresses.Length; i++)
        {
            await office.World.Database.Write(transaction => transaction.Execute(
                "UPDATE accounts SET email = @email WHERE account_id = @account", new { account, email = addresses[i] }));
            await office.Write(account, new Mail($"step:{i}", "Nobody's", "text"));
            await office.Done();
        }

        Assert.All(await office.States(), state => Assert.Equal("refused: The account's mail address is none that mail can be sent to.", state));
        Assert.Empty((await office.World.Control("/_sandbox/messages")).EnumerateArray());
    }

    [Fact]
    public async Task Outside_production_every_mail_can_go_to_one_address()
    {
        await using var office = await PostOffice.Open(settings: new() { ["DEMO_EMAIL_TO"] = "Demo <demo@example.com>" });
        await office.Write(await office.Register(Address), new Mail("step:1", "Shown", "text"));
        await office.Done();
        Assert.Equal("Shown", Assert.Single(await office.Box("demo@example.com")).GetProperty("subject").GetString());
        Assert.Empty(await office.Box(Address));
    }

    [Fact]
    public async Task In_production_mail_that_nobody_configured_is_off_and_the_demo_address_is_ignored()
    {
        Dictionary<string, string?> production = new()
        {
            ["BIND"] = "127.0.0.1",
            ["SECRET_KEY"] = "a secret of at least thirty-two characters, for this test only",
            ["DEMO_EMAIL_TO"] = "demo@example.com",
        };
        static void Production(WebApplicationBuilder builder) => builder.Environment.EnvironmentName = "Production";
        await using (var office = await PostOffice.Open(settings: new(production) { ["SMTP_PORT"] = null }, adjust: Production))
        {
            await office.Write(await office.Register(Address), new Mail("step:1", "Unsent", "text"));
            await office.Done();
            Assert.Equal(["skipped: mail is not configured"], await office.States());
        }

        await using (var office = await PostOffice.Open(settings: production, adjust: Production))
        {
            await office.Write(await office.Register(Address), new Mail("step:1", "Sent", "text"));
            await office.Done();
            Assert.Single(await office.Box(Address));
            Assert.Empty(await office.Box("demo@example.com"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_mail_without_a_key_is_refused(string key) => Assert.Throws<ArgumentException>(() => new Mail(key, "subject", "text"));
}
