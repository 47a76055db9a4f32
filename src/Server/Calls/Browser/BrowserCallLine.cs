using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Gateway;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Browser;

/// <summary>
/// Looks after one browser's conversation that goes on: counts what it uses, gets it more time while there is money for it, tells the
/// agent when that ends, and ends it then. The audio never comes here.
/// </summary>
internal sealed class BrowserCallLine(
    BrowserCallRow call, Leases.Lease lease, Database database, Meter meter, VoiceCalls voices, TimeProvider clock, ILogger log) : IDisposable
{
    public const string Action = "browser_call";

    // Before the agent is told that a minute is left.
    private const int AsksForMore = 75;
    private const int ShortCall = 90;

    private static readonly TimeSpan BetweenAsks = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource over = new();
    private readonly Dictionary<(string Model, bool Transcribes), VoiceUsage> sums = Read(call.ModelUsage);
    private readonly HashSet<string> counted = [];
    private DateTimeOffset ends = call.EndsAt!.Value;
    private IVoiceCallControl? control;
    private string? reason;
    private bool wasHeard;
    private int lastTold = int.MaxValue;
    private DateTimeOffset nextAsk;

    /// <summary>The call, from here on, to its end.</summary>
    public async Task Run()
    {
        try
        {
            lease.Renew(until => database.Write(transaction => BrowserCallBook.Renew(transaction, call, until, clock.GetUtcNow())));
            using var lost = lease.Lost.Register(() => Stop(BrowserCallEnd.Moved));
            await ListenToEnd();
            await lease.Rest();
            await (reason switch
            {
                BrowserCallEnd.Moved => Task.CompletedTask,
                BrowserCallEnd.Shutdown => Free(TimeSpan.Zero),
                _ => End(),
            });
        }
        finally
        {
            Stop(BrowserCallEnd.Moved);
            await lease.DisposeAsync();
        }
    }

    /// <summary>For one of <see cref="BrowserCallEnd"/>'s reasons; the first one stands.</summary>
    public void Stop(string why)
    {
        if (Interlocked.CompareExchange(ref reason, why, null) is null)
        {
            over.Cancel();
        }
    }

    /// <summary>Only after its run, when nobody can stop it any more.</summary>
    public void Dispose() => over.Dispose();

    /// <summary>Once a second.</summary>
    public async Task Tick()
    {
        if (over.IsCancellationRequested)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var left = (int)Math.Ceiling((ends - now).TotalSeconds);
        if (left <= 0)
        {
            Stop(BrowserCallEnd.TimeLimit);
            return;
        }

        // By the clock, not by the seconds that are left: a beat that comes late must not pass the one in which it asks.
        if (left <= AsksForMore && now >= nextAsk)
        {
            nextAsk = now + BetweenAsks;
            if (await Lengthen())
            {
                lastTold = int.MaxValue;
                return;
            }
        }

        await Tell(left);
    }

    private async Task Tell(int left)
    {
        var (told, now) = (lastTold, left <= 20 ? 20 : left <= 60 && call.DurationLimit > ShortCall ? 60 : int.MaxValue);
        if (now < told && control is { } listening)
        {
            lastTold = now;
            await listening.Note(
                now == 20 ? "20 seconds are left. Say goodbye now, in your role." : "60 seconds are left. Bring the conversation to an end, in your role.", answer: now == 20, over.Token);
        }
    }

    private async Task ListenToEnd()
    {
        try
        {
            await Listen();
        }
        catch (Exception failure)
        {
            log.LogError(failure, "A browser's conversation could not be looked after; whoever can takes it over");
            Stop(BrowserCallEnd.Shutdown);
        }
    }

    private async Task Listen()
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var listening = await voices.Control(call.CallId!, over.Token);
                if (listening is null)
                {
                    Stop(BrowserCallEnd.Gone);
                    return;
                }

                (control, wasHeard) = (listening, true);
                await listening.Hear(Used, over.Token);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (ModelFailure failure)
            {
                log.LogWarning("A browser's conversation cannot be listened to: {What}", failure.Message);
            }
            finally
            {
                control = null;
            }

            await Task.Delay(BetweenAttempts, clock, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Used(VoiceUsage usage)
    {
        if (!counted.Add($"{usage.IsTranscription} {usage.Id}"))
        {
            return;
        }

        var key = (usage.Model, usage.IsTranscription);
        sums[key] = sums.TryGetValue(key, out var before) ? before + usage : usage;
        var text = JsonSerializer.Serialize(sums.Values);
        await database.Write(transaction => BrowserCallBook.SaveUsage(transaction, call, text));
    }

    // True when there is more time now.
    private async Task<bool> Lengthen()
    {
        if (await meter.Lengthen(call.Use, over.Token) is not { } paid)
        {
            return false;
        }

        var seconds = Math.Min(paid, (int)BrowserCallRow.Longest.TotalSeconds);
        var until = call.StartedAt!.Value + TimeSpan.FromSeconds(seconds);
        if (until <= ends)
        {
            return false;
        }

        await database.Write(transaction => BrowserCallBook.SaveLimit(transaction, call, seconds));
        ends = until;
        return true;
    }

    private async Task End()
    {
        if (reason != BrowserCallEnd.Gone)
        {
            try
            {
                await voices.End(call.CallId!, CancellationToken.None);
            }
            catch (ModelFailure failure)
            {
                log.LogWarning("A browser's conversation could not be ended and is tried again: {What}", failure.Message);
                await Free(Later);
                return;
            }
        }

        // When it ended while nobody listened, nobody knows; it was there when it was seen last.
        var ended = reason == BrowserCallEnd.Gone && !wasHeard ? call.SeenAt ?? call.StartedAt!.Value : clock.GetUtcNow();
        var seconds = (long)Math.Ceiling(Math.Clamp((ended - call.StartedAt!.Value).TotalSeconds, 0, (ends - call.StartedAt.Value).TotalSeconds));
        var settled = await meter.Settle(call.AccountId, call.Use.Key, seconds, (transaction, used) => Settled(transaction, used, seconds));
        if (settled is null)
        {
            await database.Write(transaction => BrowserCallBook.Delete(transaction, call.AccountId, call.Id));
        }

        log.LogInformation("A browser's conversation ended after {Seconds} s: {Reason}", seconds, reason);
    }

    private async Task Settled(Transaction transaction, UseEnded used, long seconds)
    {
        await BrowserCallBook.Delete(transaction, call.AccountId, call.Id);
        // Credits pay minutes at a price that has the model's in it, and their record is written with them.
        if (!used.Again && used.Funding != Funding.Credits && sums.Keys.FirstOrDefault(key => !key.Transcribes).Model is { } model)
        {
            meter.RecordFree(transaction, call.AccountId, Action, model, call.Use.Key, new VoiceReceipt([.. sums.Values], reason!, new { session = call.Id, seconds }));
        }
    }

    /// <summary>Somebody else looks after it from then on.</summary>
    private Task Free(TimeSpan after) => database.Write(async transaction =>
    {
        if (await BrowserCallBook.Lock(transaction, call.AccountId, call.Id, CancellationToken.None) is { } mine && mine.Ticket == call.Ticket)
        {
            await BrowserCallBook.Save(
                transaction, mine with { Ticket = null, LeaseUntil = null, ReviewAt = clock.GetUtcNow() + after, SeenAt = clock.GetUtcNow() }, CancellationToken.None);
        }
    });

    private static Dictionary<(string Model, bool Transcribes), VoiceUsage> Read(string? stored) =>
        (stored is null ? [] : JsonSerializer.Deserialize<List<VoiceUsage>>(stored)!).ToDictionary(usage => (usage.Model, usage.IsTranscription));
}

/// <summary>Why a browser's conversation ended here.</summary>
internal static class BrowserCallEnd
{
    /// <summary>The person left, or the provider ended it.</summary>
    public const string Gone = "client_gone";

    public const string TimeLimit = "time_limit";

    /// <summary>It goes on; another node looks after it.</summary>
    public const string Moved = "moved";

    /// <summary>It goes on; whoever is there looks after it.</summary>
    public const string Shutdown = "shutdown";
}
