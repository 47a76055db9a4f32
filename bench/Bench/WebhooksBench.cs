using System.Diagnostics;
using Ledgerline.Persistence;

namespace Bench;

/// <summary>
/// Signed events of Stripe's, accepted over HTTP: durable before the 200, fsync on; beside an address that only verifies, and beside
/// one that inserts a row in a transaction of its own for each. Then latency at half of the peak, repetitions, and events that grant
/// credits.
/// </summary>
internal static class WebhooksBench
{
    private const string Path = "/api/billing/webhook";
    private const int Connections = 64;
    private const int Rounds = 3;
    private const int Orders = 20_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);

    public static Task Run(Report report)
    {
        Cores.PinThisProcess();
        return Engines.Each(
            "webhooks",
            // The peer's table is its own; on PostgreSQL it may stand beside ours.
            (engine, url) => Engine(report, engine, url, url.Replace("webhooks.db", "peer.db", StringComparison.Ordinal)),
            folder => EventConvergence.Run(report, folder));
    }

    private static async Task Engine(Report report, string engine, string databaseUrl, string peerUrl)
    {
        await using var stripe = await StripeStub.Start();
        using var server = await ServerProcess.Start(databaseUrl, apart: true, settings: new Dictionary<string, string>
        {
            ["STRIPE_SECRET_KEY"] = "sk_test_bench",
            ["STRIPE_WEBHOOK_SECRET"] = SignedEvents.Secret,
            ["STRIPE_BASE_URL"] = stripe.Address,
        });
        using var ours = Client(server.Address);
        using var peer = await WebhookPeer.Start(peerUrl);
        using var theirs = Client(peer.Client.BaseAddress!);
        var events = new SignedEvents();

        // In turns, so that a machine that slows down slows all of them.
        List<double> accepted = [], bare = [], each = [];
        for (var round = 0; round < Rounds; round++)
        {
            accepted.Add(await LedgerWorld.Rate(Connections, WarmUp, Measured, _ => Send(ours, events.Next(Path))));
            bare.Add(await LedgerWorld.Rate(Connections, WarmUp, Measured, _ => Send(theirs, events.Next(WebhookPeer.Bare))));
            each.Add(await LedgerWorld.Rate(Connections, WarmUp, Measured, _ => Send(theirs, events.Next(WebhookPeer.Insert))));
        }

        var peak = StartBench.Median(accepted);
        report.Add($"webhooks.{engine}.accepted", "1/s", peak, StartBench.Median(bare), "verified, not stored", lowerIsBetter: false);
        report.Add($"webhooks.{engine}.accepted.vs-insert-each", "1/s", peak, StartBench.Median(each), "a transaction each", lowerIsBetter: false);
        await Latency(report, $"webhooks.{engine}", peak / 2, () => Send(ours, events.Next(Path)));

        var known = Enumerable.Range(0, 1000).Select(i => SignedEvents.Text($"evt_known_{i}", "customer.updated", """{"id":"cus_1"}""")).ToArray();
        var repeated = await LedgerWorld.Rate(
            Connections, WarmUp, Measured, _ => Send(ours, SignedEvents.Signed(Path, known[Random.Shared.Next(known.Length)])));
        report.Add($"webhooks.{engine}.repeated", "1/s", repeated, peak, "new ones", lowerIsBetter: false);
        await Granted(report, engine, databaseUrl, stripe, ours);
    }

    private static async Task Latency(Report report, string name, double perSecond, Func<Task> send)
    {
        var latencies = await LedgerWorld.Latencies(perSecond, TimeSpan.FromSeconds(5), _ => send());
        report.Add($"{name}.p50", "ms", latencies[latencies.Length / 2]);
        report.Add($"{name}.p99", "ms", latencies[latencies.Length * 99 / 100]);
    }

    // Each asks Stripe and grants what was bought, in the transaction that stores the event.
    private static async Task Granted(Report report, string engine, string databaseUrl, StripeStub stripe, HttpClient ours)
    {
        await using var database = Database.Open(databaseUrl);
        await stripe.Order(database, Orders);
        var left = Orders;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var next && Stopwatch.GetElapsedTime(started) < Measured * 3)
            {
                var session = stripe.Sessions[next];
                await Send(ours, SignedEvents.Signed(Path, SignedEvents.Text($"evt_{session}", "checkout.session.completed", stripe.SessionText(session))));
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var granted = await database.Read(session => session.One<long>("SELECT COUNT(*) FROM checkout_orders WHERE status = 'granted'"));
        report.Add($"webhooks.{engine}.granted", "1/s", granted / elapsed.TotalSeconds, lowerIsBetter: false);
    }

    private static HttpClient Client(Uri address) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    private static async Task Send(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await client.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{request.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }
}
