using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>
/// The webhook everybody writes first, in a process of its own: verifies the signature and answers, at one address without storing
/// anything, at the other with one inserted row a transaction, on the same engine.
/// </summary>
internal static class WebhookPeer
{
    /// <summary>The first word of the command line that makes this program the peer: <c>webhook-peer PORT DATABASE_URL</c>.</summary>
    public const string Mode = "webhook-peer";

    public const string Bare = "/bare";
    public const string Insert = "/insert";

    public static async Task Serve(string port, string databaseUrl)
    {
        await using var database = Database.Open(databaseUrl);
        await database.Write(transaction => transaction.Execute(
            "CREATE TABLE IF NOT EXISTS bench_events (event_id text PRIMARY KEY, type text NOT NULL, body text NOT NULL, received_at bigint NOT NULL)"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}");
        await using var app = builder.Build();
        app.MapPost(Bare, (HttpContext context) => Take(context, (_, _) => Task.CompletedTask));
        app.MapPost(Insert, (HttpContext context) => Take(context, (news, text) => database.Write(transaction => transaction.Execute(
            "INSERT INTO bench_events (event_id, type, body, received_at) VALUES (@id, @type, @text, @now)",
            new { id = news.GetProperty("id").GetString(), type = news.GetProperty("type").GetString(), text, now = TimeProvider.System.GetUtcNow() }))));
        await app.RunAsync();
    }

    public static async Task<Peer> Start(string databaseUrl)
    {
        var port = ServerProcess.FreePort();
        return await Peer.Start("peer", new Uri($"http://127.0.0.1:{port}"), "dotnet", [typeof(WebhookPeer).Assembly.Location, Mode, $"{port}", databaseUrl]);
    }

    private static async Task<IResult> Take(HttpContext context, Func<JsonElement, string, Task> store)
    {
        using var held = new MemoryStream();
        await context.Request.Body.CopyToAsync(held);
        var body = held.ToArray();
        var header = context.Request.Headers["Stripe-Signature"].ToString().Split(',');
        var time = header[0]["t=".Length..];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SignedEvents.Secret), (byte[])[.. Encoding.ASCII.GetBytes($"{time}."), .. body]);
        if (!CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(header[1]["v1=".Length..])))
        {
            return Results.BadRequest();
        }

        using var news = JsonDocument.Parse(body);
        await store(news.RootElement, Encoding.UTF8.GetString(body));
        return Results.Ok(new { status = "ok" });
    }
}
