using System.Diagnostics;
using Ledgerline.Persistence;

namespace Bench;

/// <summary>
/// The chat product on two cores, PostgreSQL and the load beside it on the same two: messages that are accepted durably, answers by a
/// provider that takes no time, lists of rooms, time to the first words of an answer, and what <see cref="StreamsBench"/> measures.
/// </summary>
internal static class ChatBench
{
    private const int Chatters = 500;
    private const int Connections = 64;
    private const int Rounds = 3;
    private const int WarmUps = 250;
    private const int Measurements = 200;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    // What the predecessor of each answered on the same kind of machine.
    private const double PredecessorPosts = 54;
    private const double PredecessorLists = 1919;

    public static Task Run(Report report) => Run(report, isShort: false);

    /// <summary>Only messages, answers and first words.</summary>
    public static Task RunReplies(Report report) => Run(report, isShort: true);

    private static async Task Run(Report report, bool isShort)
    {
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is not { Length: > 0 } databaseUrl)
        {
            Console.Error.WriteLine("The chat is measured on PostgreSQL, which there is none of.");
            return;
        }

        await using var gemini = await GeminiStub.Start();
        var people = await Posts(report, databaseUrl, gemini, isShort);
        await FirstWords(report, databaseUrl, gemini, people);
        if (!isShort)
        {
            await StreamsBench.Run(report);
        }
    }

    private static async Task<IReadOnlyList<Chatter>> Posts(Report report, string databaseUrl, GeminiStub gemini, bool isShort)
    {
        await using var database = Database.Open(databaseUrl);
        using var web = await ChatWorld.Node(databaseUrl, gemini, runsJobs: false);
        var people = await ChatWorld.People(web.Address, databaseUrl, Chatters);
        var post = Lua(people, """wrk.format("POST", "/chatroom/" .. rooms[i] .. "/message", headers[i], '{"content":"What is a ledger, and why does it have two sides?"}')""");
        await Wrk.Rate(web.Address, post, Connections, TimeSpan.FromSeconds(2));

        List<double> accepted = [], answered = [], cost = [];
        for (var round = 0; round < Rounds; round++)
        {
            accepted.Add(await Wrk.Rate(web.Address, post, Connections, Measured));
            var (rate, processor) = await Replies(databaseUrl, gemini, database);
            answered.Add(rate);
            cost.Add(processor);
        }

        report.Add("chat.post", "1/s", StartBench.Median(accepted), PredecessorPosts, "the predecessor", lowerIsBetter: false);
        report.Add("chat.replies", "1/s", StartBench.Median(answered), lowerIsBetter: false);
        report.Add("chat.replies.cpu", "us", StartBench.Median(cost));
        if (!isShort)
        {
            await Lists(report, web, people);
        }

        return people;
    }

    // A node that works off what waits, from its first answer to its last.
    private static async Task<(double Rate, double Processor)> Replies(string databaseUrl, GeminiStub gemini, Database database)
    {
        const string Count = "SELECT COALESCE(SUM(waiting), 0) FROM chat_accounts";
        var waiting = await database.Read(session => session.One<long>(Count));
        using var worker = await ChatWorld.Node(databaseUrl, gemini, runsJobs: true);
        while (await database.Read(session => session.One<long>(Count)) == waiting)
        {
            await Task.Delay(5);
        }

        var (started, processor) = (Stopwatch.GetTimestamp(), worker.Child.CpuMicroseconds());
        waiting = await database.Read(session => session.One<long>(Count));
        await ChatWorld.Answered(database, TimeSpan.FromMinutes(5));
        return (waiting / Stopwatch.GetElapsedTime(started).TotalSeconds, (worker.Child.CpuMicroseconds() - processor) / waiting);
    }

    private static async Task Lists(Report report, ServerProcess web, IReadOnlyList<Chatter> people)
    {
        var list = Lua(people, """wrk.format("GET", "/chatroom/", headers[i])""");
        await Wrk.Rate(web.Address, list, Connections, TimeSpan.FromSeconds(2));
        List<double> lists = [];
        for (var round = 0; round < Rounds; round++)
        {
            lists.Add(await Wrk.Rate(web.Address, list, Connections, Measured));
        }

        report.Add("chat.list", "1/s", StartBench.Median(lists), PredecessorLists, "the predecessor", lowerIsBetter: false);
    }

    // From the post to the first words on a stream, at a provider that takes no time: all of it is added by us.
    private static async Task FirstWords(Report report, string databaseUrl, GeminiStub gemini, IReadOnlyList<Chatter> people)
    {
        using var node = await ChatWorld.Node(databaseUrl, gemini, runsJobs: true);
        using var client = new HttpClient { BaseAddress = node.Address };
        List<double> first = [];
        // What runs often is compiled anew in the first seconds; that is no message's time.
        foreach (var (at, one) in people.Take(WarmUps + Measurements).Index())
        {
            using var crowd = await StreamCrowd.Open(node.Address, [($"/chatroom/{one.Room}/events", one.Token)]);
            var took = (await crowd.Delivery("As fast as it gets", () => ChatWorld.Post(client, one, "What is a ledger?")))[0];
            first.AddRange(at < WarmUps ? [] : [took]);
        }

        first.Sort();
        report.Add("chat.first-token.p50", "ms", first[first.Count / 2]);
        report.Add("chat.first-token.p99", "ms", first[first.Count * 99 / 100]);
    }

    private static string Lua(IReadOnlyList<Chatter> people, string request) =>
        $$"""
        rooms = { {{string.Join(',', people.Select(one => $"\"{one.Room}\""))}} }
        headers = { {{string.Join(',', people.Select(one => $"{{[\"Authorization\"]=\"Bearer {one.Token}\",[\"Content-Type\"]=\"application/json\"}}"))}} }
        i = 0
        request = function() i = i % #rooms + 1 return {{request}} end
        """;
}
