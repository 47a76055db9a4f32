using Ledgerline.Wallet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>One hold a request, over HTTP on loopback, beside a request that does nothing.</summary>
internal static class LedgerHttp
{
    private const int Connections = 256;

    public static async Task Run(Report report, string engine, LedgerWorld world, TimeSpan warmUp, TimeSpan measured)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/hold", async (HttpContext context) =>
        {
            HoldAnswer hold = await world.Hold(world.Any());
            return hold.Refused ? Results.StatusCode(StatusCodes.Status402PaymentRequired) : Results.Text(hold.HoldId);
        });
        app.MapPost("/nothing", () => Results.Text("nothing"));
        await app.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = new Uri(app.Urls.First()) };
        var held = await LedgerWorld.Rate(Connections, warmUp, measured, _ => Post(client, "/hold"));
        var nothing = await LedgerWorld.Rate(Connections, warmUp, measured, _ => Post(client, "/nothing"));
        report.Add($"ledger.{engine}.http.hold", "1/s", held, nothing, "no hold", lowerIsBetter: false);
        await app.StopAsync();
    }

    private static async Task Post(HttpClient client, string path)
    {
        using var answer = await client.PostAsync(path, null);
        answer.EnsureSuccessStatusCode();
    }
}
