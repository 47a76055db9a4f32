using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Soak;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Stories;

/// <summary>What the README promises to somebody who has just typed bin/dev, done by hand in a browser.</summary>
public sealed class NewcomerStoryTests
{
    [Fact]
    public async Task Signs_in_speaks_reads_buys_and_watches_the_balance_move()
    {
        await using var place = await TestDatabase.New("sqlite");
        await using var dev = await NodeProcess.StartDev(place.Url);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.Launch(playwright);
        var page = await browser.NewPage();
        List<string> faults = [];
        page.PageError += (_, fault) => faults.Add(fault);
        // As bin/dev prints it: cookies of localhost do not reach 127.0.0.1.
        await page.GotoAsync($"http://localhost:{dev.Client.BaseAddress!.Port}/try");

        var consent = await page.RunAndWaitForPopupAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Google" }).ClickAsync());
        await consent.GetByLabel("E-mail").FillAsync("ada@example.com");
        await consent.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await Shows("100");

        foreach (var (file, balance) in new[] { ("wav", "99"), ("mp3", "98"), ("webm", "97") })
        {
            await page.Locator("#file").SetInputFilesAsync(new FilePayload
            {
                Name = $"spoken.{file}",
                MimeType = $"audio/{file}",
                Buffer = file == "wav" ? Recordings.Spoken() : Recordings.Spoken(file),
            });
            await Shows(balance);
            await page.GetByText(new Regex($"; {balance} left")).WaitForAsync();
            Assert.Equal(file == "wav" ? Recordings.Sentence : "This is the sandbox: no model listened to this recording.", await page.Locator("#text").TextContentAsync());
        }

        var checkout = await page.Context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "2,000 for $14.99" }).ClickAsync());
        await checkout.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Pay") }).ClickAsync();
        // Nobody reloads the first page: the live stream tells it.
        await Shows("2,097");
        var told = await page.Locator("#events li").AllTextContentsAsync();
        Assert.Equal(
            [97 + 2000, 97, 98, 99],
            told.Where(line => line.Contains("balance_updated", StringComparison.Ordinal)).Select(line => int.Parse(Regex.Match(line, "\"new_balance\":(\\d+)").Groups[1].Value, null)));
        Assert.Empty(faults);

        Task Shows(string balance) => Assertions.Expect(page.Locator("#balance")).ToHaveTextAsync(balance, new() { Timeout = Chromium.PatienceMs });
    }
}
