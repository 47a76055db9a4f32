using System.Diagnostics;
using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;

namespace Soak;

/// <summary>
/// Kills a <see cref="CrashWorker"/> without warning as often as wanted, the database too where told how, and then looks: what was
/// acknowledged is there, nothing is there twice, every hold resolves, every book balances.
/// </summary>
/// <param name="say">Where the story is told.</param>
public sealed class CrashRun(string databaseUrl, int seed, Action<string> say)
{
    private const int KillsBetweenRestarts = 10;
    private readonly Random random = new(seed);
    private readonly Dictionary<string, long> granted = [];
    private readonly Dictionary<string, long> held = [];
    private readonly Dictionary<string, long> captured = [];
    private readonly HashSet<string> released = [];

    /// <summary>How many operations were acknowledged.</summary>
    public int Acknowledged => granted.Count + held.Count + captured.Count + released.Count;

    /// <summary>What is wrong, a sentence each.</summary>
    /// <param name="restartDatabase">A shell command that ends the database without warning and starts it again.</param>
    public async Task<IReadOnlyList<string>> Run(int kills, string? restartDatabase = null)
    {
        say($"SOAK_SEED={seed}");
        for (var kill = 1; kill <= kills; kill++)
        {
            await OneLife(kill % KillsBetweenRestarts == 0 ? restartDatabase : null);
            if (kill % 25 == 0)
            {
                say($"{kill} kills, {Acknowledged} acknowledged");
            }
        }

        var wrong = await Look();
        say($"{kills} kills: {granted.Count} grants, {held.Count} holds, {captured.Count} captures and {released.Count} releases were acknowledged; {wrong.Count} things are wrong.");
        foreach (var line in wrong.Take(20))
        {
            say(line);
        }

        return wrong;
    }

    private async Task OneLife(string? restartDatabase)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var word in (string[])[typeof(CrashRun).Assembly.Location, "worker", databaseUrl, $"{random.Next()}"])
        {
            start.ArgumentList.Add(word);
        }

        using var worker = Process.Start(start)!;
        // So many acknowledgements and it dies; half of them and the database dies before.
        var (life, lived) = (random.Next(1, 400), 0);
        var (half, whole) = (new TaskCompletionSource(), new TaskCompletionSource());
        var reading = Task.Run(async () =>
        {
            while (await worker.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.EndsWith('.') && line != CrashWorker.Ready)
                {
                    Note(line[..^1].Split(' '));
                    _ = ++lived > life / 2 && half.TrySetResult();
                    _ = lived >= life && whole.TrySetResult();
                }
            }

            half.TrySetException(new InvalidOperationException("The worker ended by itself."));
            whole.TrySetException(new InvalidOperationException("The worker ended by itself."));
        });
        await half.Task;
        if (restartDatabase is not null)
        {
            using var restart = Process.Start("bash", ["-c", restartDatabase]);
            await restart.WaitForExitAsync();
        }

        await whole.Task;
        worker.Kill();
        await worker.WaitForExitAsync();
        await reading;
    }

    private void Note(string[] words)
    {
        var amount = Credits.Whole(long.Parse(words[2], CultureInfo.InvariantCulture)).Micro;
        switch (words[0])
        {
            case "G":
                granted.Add(words[1], amount);
                break;
            case "H":
                held.Add(words[1], amount);
                break;
            case "C":
                captured.Add(words[1], amount);
                break;
            default:
                released.Add(words[1]);
                break;
        }
    }

    private async Task<IReadOnlyList<string>> Look()
    {
        await using var database = Database.Open(databaseUrl);
        List<string> wrong = [];
        var lots = (await database.Read(session => session.List<(string Key, long Amount)>("SELECT grant_key, amount_micro FROM grants"))).ToLookup(lot => lot.Key, lot => lot.Amount);
        wrong.AddRange(granted.Where(grant => !lots[grant.Key].SequenceEqual([grant.Value])).Select(grant => $"Grant {grant.Key} of {grant.Value} is there as [{string.Join(", ", lots[grant.Key])}]."));
        var holds = (await database.Read(session => session.List<HoldFound>("SELECT id, amount_micro, status, captured_micro FROM holds"))).ToLookup(hold => hold.Id);
        wrong.AddRange(held.Where(hold => !holds[hold.Key].Select(found => found.AmountMicro).SequenceEqual([hold.Value])).Select(hold => $"Hold {hold.Key} of {hold.Value} is there {holds[hold.Key].Count()} times."));
        wrong.AddRange(captured.Where(capture => holds[capture.Key].SingleOrDefault() is not { Status: "captured" } found || found.CapturedMicro != capture.Value)
            .Select(capture => $"Hold {capture.Key} was captured for {capture.Value}, and is not."));
        wrong.AddRange(released.Where(id => holds[id].SingleOrDefault()?.Status != "released").Select(id => $"Hold {id} was released, and is not."));

        await using var services = new ServiceCollection().BuildServiceProvider();
        var later = new Later(TimeSpan.FromHours(1));
        var ledger = new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, later), new Ids(later), later);
        await ledger.Sweep();
        var audit = new LedgerAudit(database);
        wrong.AddRange(await audit.OpenHolds() is > 0 and var open ? [$"{open} holds are open for ever."] : []);
        wrong.AddRange(await audit.Run());
        return wrong;
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    private sealed class HoldFound
    {
        public required string Id { get; init; }
        public long AmountMicro { get; init; }
        public required string Status { get; init; }
        public long? CapturedMicro { get; init; }
    }
}
