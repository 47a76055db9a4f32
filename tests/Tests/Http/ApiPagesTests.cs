using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Tests.World;
using Xunit;

namespace Tests.Http;

/// <summary>The reference in a real browser: its policy must let its own scripts work and nothing else.</summary>
public sealed class ApiPagesTests
{
    [Fact]
    public async Task The_reference_shows_every_route_and_sends_requests_with_the_token_that_was_pasted()
    {
        await using var server = await EdgeServer.Start(map: app => app.MapGet("/who", (Ledgerline.Http.CurrentAccount account) => new { account = account.Id.ToString() })
            .RequireAuthorization().WithName("Who").WithTags("Test").WithSummary("Who is calling").Produces<object>());
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.Launch(playwright);
        var page = await browser.NewPage();
        List<string> complaints = [];
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Add(error);

        var answer = await page.GotoAsync($"{server.Address}docs");

        Assert.Equal(200, answer!.Status);
        await Open("Live_events", "The account's events as they happen");
        await Open("Test", "Who is calling");

        var account = new AccountId(Guid.NewGuid());
        await page.GetByRole(AriaRole.Button, new() { Name = "Authorize" }).First.ClickAsync();
        await page.Locator(".auth-container input").FillAsync($"{account}_s1_{server.Clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}");
        await page.Locator(".auth-btn-wrapper .authorize").ClickAsync();
        await page.Locator(".auth-btn-wrapper .btn-done").ClickAsync();
        await page.GetByText("Who is calling").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();

        await page.Locator(".live-responses-table .response-col_description").GetByText(account.ToString()).First.WaitForAsync();
        Assert.Equal([], complaints);

        async Task Open(string area, string summary)
        {
            await page.Locator($"#operations-tag-{area}").ClickAsync();
            await page.GetByText(summary).WaitForAsync();
        }
    }
}
