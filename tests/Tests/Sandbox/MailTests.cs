using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Mail;
using System.Net.Mime;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Tests.Sandbox;

public sealed class MailTests
{
    [Fact]
    public async Task AMailBySmtpIsReadBackDecoded()
    {
        await using var sandbox = await SandboxHost.Start();
        const string text = "Guten Tag, Zoë!\n.a line with a full stop\n\nIhr Code: 123456 — gültig 10 Minuten. 今日";
        using var mail = new MailMessage("Ledgerline <hello@example.com>", "zoe@example.com", "Ihr Code für die Anmeldung – bitte nicht weitergeben, auch nicht an uns 今日", text);
        mail.To.Add("second@example.com");
        mail.AlternateViews.Add(AlternateView.CreateAlternateViewFromString("<p>Zoë</p>", Encoding.UTF8, MediaTypeNames.Text.Html));
        mail.Attachments.Add(Attachment.CreateAttachmentFromString("not shown", "note.txt"));
        await Send(sandbox, mail);

        foreach (var to in new[] { "zoe@example.com", "SECOND@example.com" })
        {
            var message = Assert.Single((await sandbox.Get($"/_sandbox/messages?to={to}")).EnumerateArray());
            Assert.Equal("mail", message.GetProperty("channel").GetString());
            Assert.Equal(mail.Subject, message.GetProperty("subject").GetString());
            Assert.Equal(text, message.GetProperty("text").GetString());
            Assert.Equal("<p>Zoë</p>", message.GetProperty("html").GetString());
            Assert.Contains("hello@example.com", message.GetProperty("from").GetString()!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task MessagesAreListedNewestFirst()
    {
        await using var sandbox = await SandboxHost.Start();
        foreach (var subject in new[] { "one", "two", "three" })
        {
            using var mail = new MailMessage("a@example.com", "b@example.com", subject, "text");
            await Send(sandbox, mail);
        }

        Assert.Equal(["three", "two", "one"], (await sandbox.Get("/_sandbox/messages")).EnumerateArray().Select(one => one.GetProperty("subject").GetString()!));
        Assert.Empty((await sandbox.Get("/_sandbox/messages?to=a@example.com")).EnumerateArray());
    }

    [Fact]
    public async Task AFaultRefusesOrCutsAMail()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "mail", method = "DATA", status = 451 });
        await sandbox.Post("/_sandbox/faults", new { provider = "mail", method = "DATA", drop = true, when = "after" });
        using var mail = new MailMessage("a@example.com", "b@example.com", "subject", "text");
        await Assert.ThrowsAsync<SmtpException>(() => Send(sandbox, mail));
        Assert.Equal(0, (await sandbox.Get("/_sandbox/messages")).GetArrayLength());
        await Assert.ThrowsAsync<SmtpException>(() => Send(sandbox, mail));
        Assert.Equal(1, (await sandbox.Get("/_sandbox/messages")).GetArrayLength());
        await Send(sandbox, mail);
        Assert.Equal(2, (await sandbox.Get("/_sandbox/messages")).GetArrayLength());
    }

    [Fact]
    public async Task TheServerAnswersEveryWordOfTheProtocol()
    {
        await using var sandbox = await SandboxHost.Start();
        using var client = new TcpClient();
        var (host, port) = await Smtp(sandbox);
        await client.ConnectAsync(host, port);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        async Task Expect(string? say, string code)
        {
            if (say is not null)
            {
                await writer.WriteLineAsync(say);
            }

            string line;
            do
            {
                line = (await reader.ReadLineAsync())!;
            }
            while (line[3] == '-');
            Assert.StartsWith(code, line, StringComparison.Ordinal);
        }

        await Expect(null, "220");
        await Expect("EHLO test", "250");
        await Expect("RCPT TO:<b@example.com>", "503");
        await Expect("DATA", "503");
        await Expect("AUTH PLAIN AGEAYg==", "235");
        await Expect("MAIL FROM:<a@example.com> SIZE=100", "250");
        await Expect("RCPT TO:<b@example.com>", "250");
        await Expect("RSET", "250");
        await Expect("DATA", "503");
        await Expect("MAIL FROM:<a@example.com>", "250");
        await Expect("RCPT TO:<b@example.com>", "250");
        await Expect("DATA", "354");
        await Expect("Subject: =?utf-8?Q?caf=C3=A9_?= =?utf-8?B?4oKs?=\r\n folded\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsoft=\r\n break=20=E2=82=AC\r\n..\r\n.", "250");
        await Expect("NOOP", "250");
        await Expect("VRFY x", "502");
        await Expect("QUIT", "221");

        var message = Assert.Single((await sandbox.Get("/_sandbox/messages?to=b@example.com")).EnumerateArray());
        Assert.Equal("café € folded", message.GetProperty("subject").GetString());
        Assert.Equal("soft break €\n.", message.GetProperty("text").GetString());
        Assert.Equal("a@example.com", message.GetProperty("from").GetString());
    }

    [Fact]
    public async Task ResendTakesAMailAndTheSameKeyOnlyOnce()
    {
        await using var sandbox = await SandboxHost.Start();
        var mail = new { from = "Us <us@example.com>", to = new[] { "Ada <ada@example.com>" }, subject = "Hi", html = "<b>Hi</b>", text = "Hi" };
        var first = await Resend(sandbox, mail, key: "k1");
        var again = await Resend(sandbox, mail, key: "k1");
        Assert.Equal(200, first.Status);
        Assert.True(Guid.TryParse(first.Body.GetProperty("id").GetString(), out _));
        Assert.Equal(first.Body.GetProperty("id").GetString(), again.Body.GetProperty("id").GetString());
        var message = Assert.Single((await sandbox.Get("/_sandbox/messages?to=ada@example.com")).EnumerateArray());
        Assert.Equal(("Hi", "<b>Hi</b>"), (message.GetProperty("text").GetString(), message.GetProperty("html").GetString()));

        var other = await Resend(sandbox, new { mail.from, mail.to, subject = "Another", mail.text }, key: "k1");
        Assert.Equal((409, "invalid_idempotent_request"), (other.Status, other.Body.GetProperty("name").GetString()));
        var unkeyed = await Resend(sandbox, mail);
        Assert.NotEqual(first.Body.GetProperty("id").GetString(), unkeyed.Body.GetProperty("id").GetString());
    }

    [Fact]
    public async Task ResendRefusesInItsOwnShape()
    {
        await using var sandbox = await SandboxHost.Start();
        foreach (var (body, key, status) in new (object, string?, int)[]
        {
            (new { from = "a@example.com", to = "b@example.com", subject = "s", text = "t" }, null, 401),
            (new { from = "a@example.com", to = "b@example.com", subject = "s", text = "t" }, "sk_wrong", 401),
            (new { to = "b@example.com", subject = "s", text = "t" }, "re_x", 422),
            (new { from = "a@example.com", to = Array.Empty<string>(), subject = "s", text = "t" }, "re_x", 422),
            (new { from = "a@example.com", to = 5, subject = "s", text = "t" }, "re_x", 422),
            (new { from = "a@example.com", to = "b@example.com", subject = "s" }, "re_x", 422),
            (new[] { 1 }, "re_x", 422),
        })
        {
            var (got, answer) = await Resend(sandbox, body, key);
            Assert.Equal((status, status), (got, answer.GetProperty("statusCode").GetInt32()));
            Assert.NotEmpty(answer.GetProperty("message").GetString()!);
        }

        Assert.Empty((await sandbox.Get("/_sandbox/messages")).EnumerateArray());
    }

    private static async Task Send(SandboxHost sandbox, MailMessage mail)
    {
        var (host, port) = await Smtp(sandbox);
        using var client = new SmtpClient(host, port);
        await client.SendMailAsync(mail);
    }

    private static async Task<(string Host, int Port)> Smtp(SandboxHost sandbox)
    {
        var mail = (await sandbox.Get("/_sandbox/providers")).GetProperty("mail");
        return (mail.GetProperty("smtp_host").GetString()!, mail.GetProperty("smtp_port").GetInt32());
    }

    private static async Task<(int Status, JsonElement Body)> Resend(SandboxHost sandbox, object mail, string? apiKey = "re_test", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mail/emails") { Content = JsonContent.Create(mail) };
        if (apiKey is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await sandbox.Http.SendAsync(request);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
