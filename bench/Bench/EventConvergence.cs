using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline;
using Ledgerline.Billing;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sandbox.Core;

namespace Bench;

/// <summary>
/// Ten thousand events of purchases, refunds, disputes, subscriptions and their invoices, told once in order and once shuffled, each
/// twice and many at a time, on copies of one database: both must end in the same books.
/// </summary>
internal static class EventConvergence
{
    private const int AtOnce = 32;

    // Fewer only show that it runs: BENCH_EVENTS=500 bin/bench webhooks.
    private static readonly int Wanted = int.TryParse(Environment.GetEnvironmentVariable("BENCH_EVENTS"), out var wanted) ? wanted : 10_000;

    public static async Task Run(Report report, string folder)
    {
        var clock = new SandboxClock();
        // Nobody is told by the sandbox itself: the events are fetched and delivered here.
        await using var sandbox = SandboxApp.Build(new SandboxOptions { StripeWebhookUrls = [] }, clock);
        await sandbox.StartAsync();
        using var stripe = new HttpClient { BaseAddress = new Uri(SandboxApp.AddressOf(sandbox)), DefaultRequestHeaders = { { "Authorization", "Bearer sk_test_sandbox" } } };
        var (first, ordered, shuffled) = ($"{folder}/first.db", $"{folder}/ordered.db", $"{folder}/shuffled.db");
        await using (var shop = await Start(stripe, clock, first))
        {
            await SubscriptionStories.Begin(shop, stripe, Wanted / SubscriptionStories.EventsEach / 3);
            await Sell(shop, stripe);
        }

        // Nobody of ours is there while the month passes: what happened is learnt from the events alone.
        var before = await Events(stripe);
        await SubscriptionStories.PassMonth(clock, stripe);
        var known = before.Select(one => one.Id).ToHashSet();
        List<string> events = [.. before.Select(one => one.Text), .. (await Events(stripe)).Where(one => !known.Contains(one.Id)).Select(one => one.Text)];
        await SubscriptionStories.LeaveItToTheEvents(first);
        File.Copy(first, ordered);
        File.Copy(first, shuffled);
        var (books, _) = await Tell(stripe, clock, ordered, events, atOnce: 1);
        string[] twice = [.. events, .. events];
        new Random(7).Shuffle(twice);
        var (others, elapsed) = await Tell(stripe, clock, shuffled, twice, AtOnce);
        if (books.Except(others).Concat(others.Except(books)).FirstOrDefault() is { } difference)
        {
            throw new InvalidOperationException($"Shuffled and doubled, {events.Count} events ended in other books: {difference}");
        }

        report.Add("webhooks.sqlite.shuffled.events", "", events.Count, Wanted, "wanted", lowerIsBetter: false);
        report.Add("webhooks.sqlite.shuffled.subscription-events", "", events.Count(SubscriptionStories.IsAbout), lowerIsBetter: false);
        report.Add("webhooks.sqlite.shuffled", "1/s", twice.Length / elapsed.TotalSeconds, lowerIsBetter: false);
    }

    // Everything that can happen to a purchase, in turns.
    private static async Task Sell(WebApplication shop, HttpClient stripe)
    {
        var (desk, ids) = (shop.Services.GetRequiredService<CheckoutDesk>(), shop.Services.GetRequiredService<Ids>());
        var package = shop.Services.GetRequiredService<Packages>().Find("pro")!;
        for (var (i, told) = (0, 0); told < Wanted; i++)
        {
            var session = (await desk.Open(
                new AccountId(ids.Uuid()), package, ReturnUrls.DefaultSuccess, ReturnUrls.DefaultCancel, null, CancellationToken.None)).SessionId;
            if (i % 11 == 10)
            {
                await Control(stripe, $"checkout/{session}/expire", new { });
            }
            else
            {
                var payment = (await Control(stripe, $"checkout/{session}", new { card = "4242424242424242" })).GetProperty("payment_intent").GetString();
                for (var refunds = i % 4; refunds > 1; refunds--)
                {
                    await Control(stripe, "refunds", new { payment_intent = payment, amount = 400 });
                }

                if (i % 4 == 1)
                {
                    var dispute = (await Control(stripe, "disputes", new { payment_intent = payment })).GetProperty("id").GetString();
                    if (i % 8 == 1)
                    {
                        await Control(stripe, $"disputes/{dispute}/close", new { outcome = i % 16 == 1 ? "won" : "lost" });
                    }
                }
            }

            told = i % 50 == 0 ? (await stripe.GetFromJsonAsync<JsonElement>("/_sandbox/stripe/events?limit=100000")).GetArrayLength() : told;
        }
    }

    public static async Task<JsonElement> Control(HttpClient stripe, string path, object body)
    {
        using var answer = await stripe.PostAsJsonAsync($"/_sandbox/stripe/{path}", body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    // As they happened.
    private static async Task<List<(string Id, string Text)>> Events(HttpClient stripe)
    {
        List<(string Id, string Text)> events = [];
        JsonElement page;
        do
        {
            var after = events.Count > 0 ? $"&starting_after={events[^1].Id}" : "";
            page = await stripe.GetFromJsonAsync<JsonElement>($"/stripe/v1/events?limit=100{after}");
            events.AddRange(page.GetProperty("data").EnumerateArray().Select(one => (one.GetProperty("id").GetString()!, one.GetRawText())));
        }
        while (page.GetProperty("has_more").GetBoolean());
        events.Reverse();
        return events;
    }

    private static async Task<(HashSet<string> Books, TimeSpan Elapsed)> Tell(
        HttpClient stripe, SandboxClock clock, string file, IReadOnlyList<string> events, int atOnce)
    {
        await using var server = await Start(stripe, clock, file);
        using var client = new HttpClient
        {
            BaseAddress = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        var (next, started) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var at && at < events.Count)
            {
                using var request = SignedEvents.Signed("/api/billing/webhook", events[at], clock);
                using var answer = await client.SendAsync(request);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"An event was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
                }
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        return (await Books(server.Services.GetRequiredService<Database>()), elapsed);
    }

    // Everything but when it was done and under which id.
    private static async Task<HashSet<string>> Books(Database database) => [.. await database.Read(session => session.List<string>(
        """
        SELECT 'order ' || session_id || ' ' || status || ' ' || refunded_minor || ' ' || disputed_minor || ' ' || COALESCE(payment_intent_id, '') FROM checkout_orders
        UNION ALL SELECT 'lot ' || account_id || ' ' || amount_micro || ' ' || remaining_micro || ' ' || clawed_micro FROM grants
        UNION ALL SELECT 'wallet ' || account_id || ' ' || owed_micro FROM wallets
        UNION ALL SELECT 'payment ' || COALESCE(payment_intent_id, '') || ' ' || COALESCE(invoice_id, '') || ' ' || status || ' ' || amount_minor || ' ' || refunded_minor
            || ' ' || disputed_minor || ' ' || COALESCE(description, '') FROM payments
        UNION ALL SELECT 'subscription ' || id || ' ' || status || ' ' || COALESCE(plan_id, '') || ' ' || period_end || ' ' || cancel_at_period_end || ' '
            || COALESCE(access_ends_at, 0) || ' ' || dunning_step FROM subscriptions
        UNION ALL SELECT 'entitlement ' || account_id || ' ' || product || ' ' || plan_id || ' ' || status || ' ' || period_end || ' ' || COALESCE(ends_at, 0) FROM entitlements
        UNION ALL SELECT 'mail ' || account_id || ' ' || notice_key FROM notices
        UNION ALL SELECT 'dispute ' || id || ' ' || status FROM stripe_disputes
        UNION ALL SELECT 'event ' || event_id || ' ' || status FROM provider_events
        """))];

    private static async Task<WebApplication> Start(HttpClient stripe, SandboxClock clock, string file)
    {
        var server = ServerApp.Build(["--environment=Development"], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["PORT"] = "0",
                ["DATABASE_URL"] = $"sqlite:{file}",
                ["SANDBOX_URL"] = stripe.BaseAddress!.ToString().TrimEnd('/'),
                ["STRIPE_WEBHOOK_SECRET"] = SignedEvents.Secret,
                ["ENABLE_RATE_LIMITING"] = "false",
            });
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Logging.ClearProviders();
        });
        await server.BringUpToDate();
        await server.StartAsync();
        return server;
    }
}
