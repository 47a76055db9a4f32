using Ledgerline.Persistence;

namespace Bench;

/// <summary>
/// Many open live streams on one node: what one takes of its memory, and how soon each shows a message that was posted to its room, all
/// rooms at once. The node does no jobs, so that the message is the only event. Beside it a bare server with as many streams that
/// is posted the very same events and has nothing to do but write them.
/// </summary>
internal static class StreamsBench
{
    private const int Streams = 5000;

    // As many as an account may have.
    private const int StreamsEach = 20;
    private const int Accounts = Streams / StreamsEach;
    private const int Connections = 64;
    private const int Rounds = 7;
    private const int WarmUps = 8;

    public static async Task Run(Report report)
    {
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is not { Length: > 0 } databaseUrl)
        {
            Console.Error.WriteLine("Live streams are measured on PostgreSQL, which there is none of.");
            return;
        }

        var (ours, shown) = await Ours(databaseUrl);
        using var bare = await BareStreams.Start();
        var (peer, _) = await Measure(new Subject(
            bare.Child,
            bare.Client.BaseAddress!,
            [.. Enumerable.Range(0, Accounts).Select(i => ($"/{i}", "nobody"))],
            async (client, i, words) =>
            {
                using var answer = await client.PostAsync($"/{i}", new StringContent(shown.Replace(LastWords, words, StringComparison.Ordinal)));
                answer.EnsureSuccessStatusCode();
            }));
        report.Add("events.stream.memory", "KB", ours.Memory, peer.Memory, bare.Name);
        report.Add("events.stream.delivery.p99", "ms", ours.FromAcceptance, peer.FromAcceptance, bare.Name);
        report.Add("events.stream.delivery.from-post.p99", "ms", ours.FromPost, peer.FromPost, bare.Name);
    }

    private static string LastWords => Words(Rounds - 1);

    private static string Words(int round) => $"round {round} for all";

    private static async Task<(Taken Taken, string Shown)> Ours(string databaseUrl)
    {
        await using var gemini = await GeminiStub.Start();
        (Taken, string) measured;
        using (var node = await ChatWorld.Node(databaseUrl, gemini, runsJobs: false))
        {
            var people = await ChatWorld.People(node.Address, databaseUrl, Accounts);
            measured = await Measure(new Subject(
                node.Child,
                node.Address,
                [.. people.Select(one => ($"/chatroom/{one.Room}/events", one.Token))],
                (client, i, words) => ChatWorld.Post(client, people[i], words)));
        }

        // Whoever is measured next finds no messages that wait.
        using var worker = await ChatWorld.Node(databaseUrl, gemini, runsJobs: true);
        await using var database = Database.Open(databaseUrl);
        await ChatWorld.Answered(database, TimeSpan.FromMinutes(2));
        return measured;
    }

    private static async Task<(Taken Taken, string Shown)> Measure(Subject subject)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = subject.Address };
        // .NET compiles anew what runs often; what that takes is no stream's memory.
        for (var turn = 0; turn < WarmUps; turn++)
        {
            using var first = await StreamCrowd.Open(subject.Address, subject.Accounts);
            await Round(first, subject, client, 1, $"before the first round {turn}");
        }

        await Task.Delay(TimeSpan.FromSeconds(1));
        var before = subject.Child.MemoryMegabytes();
        using var crowd = await StreamCrowd.Open(subject.Address, subject.Accounts.SelectMany(one => Enumerable.Repeat(one, StreamsEach)));
        await Task.Delay(TimeSpan.FromSeconds(3));
        var memory = (subject.Child.MemoryMegabytes() - before) * 1024 / Streams;

        List<double> fromAcceptance = [], fromPost = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (accepted, posted) = await Round(crowd, subject, client, StreamsEach, Words(round));
            fromAcceptance.Add(accepted);
            fromPost.Add(posted);
        }

        return (new Taken(memory, StartBench.Median(fromAcceptance), StartBench.Median(fromPost)), crowd.Shown);
    }

    // How long the streams but the slowest hundredth have waited for their own message, from its acceptance and from its post.
    private static async Task<(double FromAcceptance, double FromPost)> Round(StreamCrowd crowd, Subject subject, HttpClient client, int each, string words)
    {
        var (posted, accepted) = (new long[Accounts], new long[Accounts]);
        var arrivals = await crowd.Arrivals(words, () => Task.WhenAll(Enumerable.Range(0, Accounts).Select(async i =>
        {
            posted[i] = TimeProvider.System.GetTimestamp();
            await subject.Post(client, i, words);
            accepted[i] = TimeProvider.System.GetTimestamp();
        })));
        return (Slowest(accepted), Slowest(posted));

        double Slowest(long[] since) => arrivals
            .Select((at, stream) => Math.Max(0, TimeProvider.System.GetElapsedTime(since[stream / each], at).TotalMilliseconds))
            .Order().ElementAt(arrivals.Count * 99 / 100);
    }

    /// <summary>Who is measured: an address and a token for the streams of each account, and how to post something there.</summary>
    private sealed record Subject(ChildProcess Child, Uri Address, IReadOnlyList<(string Path, string Token)> Accounts, Func<HttpClient, int, string, Task> Post);

    private sealed record Taken(double Memory, double FromAcceptance, double FromPost);
}
