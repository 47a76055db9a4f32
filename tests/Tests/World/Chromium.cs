using Microsoft.Playwright;

namespace Tests.World;

/// <summary>Debian's browser without a screen, kept from calling anybody by itself.</summary>
internal static class Chromium
{
    /// <summary>Servers and a browser, on a machine that may be full of other tests.</summary>
    public const int PatienceMs = 120_000;

    public static Task<IBrowser> Launch(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = "/usr/bin/chromium",
        Args =
        [
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
        ],
    });

    /// <summary>A page of its own, whose every wait has this patience.</summary>
    public static async Task<IPage> NewPage(this IBrowser browser)
    {
        var page = await browser.NewPageAsync();
        page.Context.SetDefaultTimeout(PatienceMs);
        return page;
    }
}
