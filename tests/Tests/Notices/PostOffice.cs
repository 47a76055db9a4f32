using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Notices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;
using Xunit;

namespace Tests.Notices;

/// <summary>A world in which mails are written to accounts and read in the sandbox's box.</summary>
internal sealed class PostOffice : IAsyncDisposable
{
    private PostOffice(TestWorld world) => World = world;

    public TestWorld World { get; }

    public Mailer Mailer => World.Services.GetRequiredService<Mailer>();

    public static async Task<PostOffice> Open(
        string engine = "sqlite", Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? adjust = null) =>
        new(await TestWorld.Start(engine, new(settings ?? []) { ["ENABLE_RATE_LIMITING"] = "false" }, adjust));

    /// <summary>Somebody with this address.</summary>
    public async Task<AccountId> Register(string email)
    {
        using var answer = await World.Client.PostAsJsonAsync("/auth/register", new { email, password = "correct horse" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await World.Database.Read(session => session.One<AccountId>("SELECT account_id FROM accounts WHERE email = @email", new { email }));
    }

    public Task Write(AccountId account, params Mail[] mails) => World.Database.Write(transaction =>
    {
        foreach (var mail in mails)
        {
            Mailer.Send(transaction, account, mail);
        }
    });

    /// <summary>What arrived at the address, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> Box(string email) =>
        [.. (await World.Control($"/_sandbox/messages?to={Uri.EscapeDataString(email)}")).EnumerateArray()];

    /// <summary>Waits until no notice waits; moves the clock, so that what was put off is tried again.</summary>
    public Task Done() => TestWorld.Until(
        async () =>
        {
            if (await World.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM notices WHERE status IN ('waiting', 'sending')")) == 0)
            {
                return true;
            }

            if (await World.Database.Read(session => session.One<long>(
                "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'NoticeWaiting%' AND status = 'ready' AND attempt > 0")) > 0)
            {
                World.Clock.Advance(TimeSpan.FromSeconds(2));
            }

            return false;
        },
        "every notice has gone or was given up");

    public Task<IReadOnlyList<string>> States() =>
        World.Database.Read(session => session.List<string>("SELECT status || COALESCE(': ' || problem, '') FROM notices ORDER BY notice_key"));

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
