using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Ledgerline.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bench;

/// <summary>What nodes gain by Redis, each figure beside the same without it: permits of the rate limits, and how soon a node shows what happened on another.</summary>
internal static class NodesBench
{
    private const int Permits = 3000;
    private const int Parallel = 64;
    private const int Events = 100;
    private const int EventsWithout = 20;
    private const int News = 100_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static async Task Run(Report report)
    {
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is not { Length: > 0 } databaseUrl
            || Environment.GetEnvironmentVariable("BENCH_REDIS") is not { Length: > 0 } redisUrl)
        {
            Console.Error.WriteLine("Nodes are measured on PostgreSQL and Redis, and one of them is missing.");
            return;
        }

        await using (var migrated = Database.Open(databaseUrl))
        {
            await Migrate.Run(migrated, TimeProvider.System);
        }

        await Limits(report, databaseUrl, redisUrl);
        await Told(report, redisUrl);
        await Seen(report, databaseUrl, redisUrl);
    }

    private static async Task Limits(Report report, string databaseUrl, string redisUrl)
    {
        await using var database = Database.Open(databaseUrl);
        using var redis = await Link(redisUrl);
        var clock = new LaterClock();
        var shared = new SharedCounters(database, clock, NullLogger<SharedCounters>.Instance);
        var counters = new RedisCounters(redis, shared, clock, NullLogger<RedisCounters>.Instance);
        // For a minute after its coming both are asked.
        await counters.Take("first", 1, 5, Minute, default);
        clock.Later = Minute;
        foreach (var warm in new Counters[] { shared, counters })
        {
            await OneByOne(warm, 300);
        }

        var (ours, peer) = (await OneByOne(counters, Permits), await OneByOne(shared, Permits));
        report.Add("nodes.permit.p50", "us", ours[Permits / 2], peer[Permits / 2], "PostgreSQL");
        report.Add("nodes.permit.p99", "us", ours[Permits * 99 / 100], peer[Permits * 99 / 100], "PostgreSQL");
        report.Add("nodes.permits", "1/s", await AtOnce(counters), await AtOnce(shared), "PostgreSQL", lowerIsBetter: false);
    }

    private static async Task<double[]> OneByOne(Counters counters, int permits)
    {
        var taken = new double[permits];
        var run = Guid.NewGuid();
        for (var i = 0; i < permits; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await counters.Take($"{run} {i / 5}", 1, 5, Minute, default);
            taken[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        return [.. taken.Order()];
    }

    private static async Task<double> AtOnce(Counters counters)
    {
        var run = Guid.NewGuid();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async worker =>
        {
            for (var i = 0; i < Permits / 10; i++)
            {
                await counters.Take($"{run} {worker} {i / 5}", 1, 5, Minute, default);
            }
        }));
        return Parallel * (Permits / 10) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // What it costs both ends when every node is told of every account: the sender and one receiver, in this process.
    private static async Task Told(Report report, string redisUrl)
    {
        using var here = await Link(redisUrl);
        using var there = await Link(redisUrl);
        var (from, to) = (new NodeBus(here, new Ids(TimeProvider.System)), new NodeBus(there, new Ids(TimeProvider.System)));
        var heard = 0;
        await to.Hear("bench", _ => heard++);
        var message = new byte[24];
        var (before, began) = (Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
        for (var i = 0; i < News; i++)
        {
            from.Tell("bench", message);
        }

        while (Volatile.Read(ref heard) < News)
        {
            await Task.Delay(1);
        }

        report.Add("nodes.news.cpu", "us", (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMicroseconds / News);
        report.Add("nodes.news", "1/s", News / Stopwatch.GetElapsedTime(began).TotalSeconds, lowerIsBetter: false);
    }

    private static async Task Seen(Report report, string databaseUrl, string redisUrl)
    {
        await using var gemini = await GeminiStub.Start();
        List<double> with, without;
        using (var one = await Node(databaseUrl, gemini, redisUrl, runsJobs: true))
        using (var two = await Node(databaseUrl, gemini, redisUrl, runsJobs: false))
        {
            var people = await ChatWorld.People(one.Address, databaseUrl, 10);
            await Delivery(one, two, people[0], "What is", 20);
            with = await Delivery(one, two, people[1], "What is", Events);
            var words = await Delivery(one, two, people[2], "As fast as it gets", Events);
            report.Add("nodes.first-token.p50", "ms", words[Events / 2]);
            report.Add("nodes.first-token.p99", "ms", words[Events * 99 / 100]);
        }

        using (var one = await Node(databaseUrl, gemini, null, runsJobs: true))
        using (var two = await Node(databaseUrl, gemini, null, runsJobs: false))
        {
            without = await Delivery(one, two, (await ChatWorld.People(one.Address, databaseUrl, 1))[0], "What is", EventsWithout);
        }

        report.Add("nodes.event.p50", "ms", with[with.Count / 2], without[without.Count / 2], "without Redis");
        report.Add("nodes.event.p99", "ms", with[with.Count * 99 / 100], without[^1], "without Redis");
    }

    // From the request on one node to the words on a stream of the other.
    private static async Task<List<double>> Delivery(ServerProcess one, ServerProcess two, Chatter person, string words, int events)
    {
        using var crowd = await StreamCrowd.Open(two.Address, [($"/chatroom/{person.Room}/events", person.Token)]);
        using var client = new HttpClient { BaseAddress = one.Address };
        List<double> waits = [];
        for (var i = 0; i < events; i++)
        {
            waits.AddRange(await crowd.Delivery(words, async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/chatroom/{person.Room}/message") { Content = JsonContent.Create(new { content = "What is a ledger?" }) };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
                using var answer = await client.SendAsync(request);
                answer.EnsureSuccessStatusCode();
            }));
            // Its answer is no part of the next one.
            await Task.Delay(50 + (i * 37 % 100));
        }

        waits.Sort();
        return waits;
    }

    private static async Task<RedisLink> Link(string redisUrl)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["REDIS_URL"] = redisUrl, ["REDIS_PREFIX"] = "bench" }).Build();
        var link = new RedisLink(new RedisOptions(settings), NullLogger<RedisLink>.Instance);
        await link.StartAsync(default);
        while (!link.IsThere)
        {
            await Task.Delay(5);
        }

        return link;
    }

    private static Task<ServerProcess> Node(string databaseUrl, GeminiStub gemini, string? redisUrl, bool runsJobs)
    {
        var settings = new Dictionary<string, string>
        {
            ["GEMINI_API_KEY"] = "bench",
            ["GEMINI_API_URL"] = gemini.Address,
            ["CHAT_MAX_WAITING"] = "100000",
            ["RATELIMIT_EVERYTHING"] = "1000000",
            ["RATELIMIT_EVERYTHING_ANONYMOUS"] = "1000000",
            ["PASSWORD_ITERATIONS"] = "1000",
            ["RUN_JOBS"] = runsJobs ? "true" : "false",
        };
        if (redisUrl is not null)
        {
            settings["REDIS_URL"] = redisUrl;
        }

        return ServerProcess.Start(databaseUrl, settings: settings);
    }

    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Later;
    }
}
