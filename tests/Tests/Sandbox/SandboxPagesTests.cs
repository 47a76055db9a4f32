using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The sandbox's pages in a real browser: their buttons work under their own content policy.</summary>
public sealed class SandboxPagesTests
{
    [Fact]
    public async Task APersonSignsInOrDeclines()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var browser = await Browser.Open();
        // Another origin than the page's, as the product is: a policy that forbids the way back would show here.
        var back = sandbox.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/_sandbox/clock";
        var url = $"{sandbox.Address}/google/o/oauth2/v2/auth?client_id={sandbox.Options.GoogleClientId}&redirect_uri={Uri.EscapeDataString(back)}&response_type=code&scope=openid%20email&state=s1";

        await browser.Page.GotoAsync(url);
        await browser.Page.GetByLabel("E-mail").FillAsync("grace@example.com");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await Arrives("code=[^&]+&.*state=s1");

        await browser.Page.GotoAsync(url);
        Assert.Equal("grace@example.com", await browser.Page.GetByLabel("E-mail").InputValueAsync());
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await Arrives("error=access_denied&state=s1");
        Assert.Empty(browser.Complaints);

        // The address alone: a page that is shown in place of another one does not always tell that it has been loaded.
        Task Arrives(string query) =>
            Assertions.Expect(browser.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(back)}\\?{query}$"), new() { Timeout = Chromium.PatienceMs });
    }

    [Fact]
    public async Task TheControlRoomsButtonsWork()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var browser = await Browser.Open();
        var page = browser.Page;
        await page.GotoAsync(sandbox.Address);
        var start = sandbox.Clock.GetUtcNow();
        await Press("A day on");
        Assert.InRange(sandbox.Clock.GetUtcNow() - start, TimeSpan.FromDays(1), TimeSpan.FromDays(1) + TimeSpan.FromMinutes(5));

        await page.GetByLabel("part of the path").FillAsync("/v1/audio");
        await page.GetByLabel("status", new() { Exact = true }).FillAsync("503");
        await page.GetByLabel("provider").SelectOptionAsync("openai");
        await Press("Add");
        var fault = Assert.Single(sandbox.Service<global::Sandbox.Core.Faults>().List());
        Assert.Equal(("openai", "/v1/audio", 503, 1), (fault.Provider, fault.Path, fault.Status, fault.Times));
        await Press("Clear all faults");
        Assert.Empty(sandbox.Service<global::Sandbox.Core.Faults>().List());

        await Press("expired");
        await page.GetByLabel("The next transcriptions say").FillAsync("Something else.");
        await Press("Set", 0);
        Assert.Equal("Something else.", sandbox.Service<global::Sandbox.OpenAi.NextAnswers>().Take()?.Text.GetString());

        await page.GetByLabel("The next replies say").First.FillAsync("Scripted.");
        await Press("Script");
        Assert.Equal("Scripted.", Assert.Single(sandbox.Service<global::Sandbox.Replies.ReplyScripts>().List("gemini")).Text);
        await page.GetByLabel("This number wants no messages").FillAsync("+15551230001");
        await Press("Opt out");
        Assert.Throws<global::Sandbox.Twilio.TwilioError>(() => sandbox.Service<global::Sandbox.Twilio.TwilioWorld>().DemandWilling("+15551230001"));

        await using var side = await PhoneSide.Start();
        side.Instructions = _ => "<Response><Pause length=\"600\"/></Response>";
        await page.GetByLabel("asking").FillAsync(side.Address + "/twiml");
        await Press("Ring");
        await page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Hang up" }).ClickAsync(), answer => answer.Url.EndsWith("/hangup", StringComparison.Ordinal) && answer.Ok);
        Assert.True(Assert.Single(sandbox.Service<global::Sandbox.Twilio.Calls.CallBook>().List()).IsOver);
        Assert.Empty(browser.Complaints);

        // Every call shows the page again; that is the sign that it is done.
        async Task Press(string name, int which = 0) => await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).Nth(which).ClickAsync(),
            answer => answer.Url == sandbox.Address + "/" && answer.Request.IsNavigationRequest);
    }

    private sealed class Browser : IAsyncDisposable
    {
        private readonly IPlaywright playwright;
        private readonly IBrowser browser;

        private Browser(IPlaywright playwright, IBrowser browser, IPage page) => (this.playwright, this.browser, Page) = (playwright, browser, page);

        public IPage Page { get; }

        /// <summary>What the browser's console reported as an error.</summary>
        public List<string> Complaints { get; } = [];

        public static async Task<Browser> Open()
        {
            var playwright = await Playwright.CreateAsync();
            var browser = await Chromium.Launch(playwright);
            var open = new Browser(playwright, browser, await browser.NewPage());
            open.Page.Console += (_, message) =>
            {
                // A browser always asks for an icon, and the sandbox has none.
                if (message.Type == "error" && !message.Location.Contains("favicon", StringComparison.Ordinal))
                {
                    open.Complaints.Add(message.Text);
                }
            };
            return open;
        }

        public async ValueTask DisposeAsync()
        {
            await browser.CloseAsync();
            playwright.Dispose();
        }
    }
}
