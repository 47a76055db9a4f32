using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Live;

/// <summary>
/// Writes down how a call goes: its transcript, what the model used, that it lives; and gets it more time while there is money for it.
/// The bridge never waits for any of it.
/// </summary>
internal sealed class CallListener(
    Database database, CallDesk desk, CallNewsDesk live, Meter meter, Carrier carrier, LiveCalls running, VoicePrices prices, AllowanceUse use, CallRow call,
    DateTimeOffset answered, DateTimeOffset ends, TimeProvider clock, ILogger<CallListener> log) : ICallListener
{
    private static readonly TimeSpan BetweenBeats = TimeSpan.FromSeconds(10);

    /// <summary>Before the agent is told that a minute is left.</summary>
    private const int AsksForMore = 75;

    private static readonly TimeSpan BetweenAsks = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterStream = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> numbers = [];
    private readonly Dictionary<string, VoiceUsage> sums = [];
    private readonly HashSet<string> counted = [];
    private DateTimeOffset until = ends;
    private long nano;
    private DateTimeOffset nextAsk;
    private DateTimeOffset nextBeat;

    public Task Spoken(SpokenLine line)
    {
        var isNew = !numbers.TryGetValue(line.ItemId, out var number);
        numbers[line.ItemId] = number = isNew ? numbers.Count + 1 : number;
        return database.Write(async transaction =>
        {
            await transaction.Execute(
                """
                INSERT INTO call_lines (account_id, call_id, number, speaker, text, item_id, previous_item_id, at_ms, cut_ms)
                VALUES (@AccountId, @Id, @number, @Speaker, @Text, @ItemId, @PreviousItemId, @AtMs, @CutAtMs)
                ON CONFLICT (account_id, call_id, number) DO UPDATE SET text = excluded.text, at_ms = excluded.at_ms, cut_ms = excluded.cut_ms
                """,
                new { call.AccountId, call.Id, number, line.Speaker, line.Text, line.ItemId, line.PreviousItemId, line.AtMs, line.CutAtMs });
            live.Tell(transaction, call, "call_transcript", new { CallId = call.Id, Line = number, line.Speaker, line.Text, line.AtMs, CutMs = line.CutAtMs });
        });
    }

    public async Task Used(VoiceUsage usage)
    {
        if (!counted.Add($"{usage.IsTranscription} {usage.Id}"))
        {
            return;
        }

        if (usage.IsInconsistent)
        {
            log.LogWarning("Usage {Usage} of call {Call} does not add up: its parts are counted", usage.Id, call.Id);
        }

        if (prices.Of(usage.Model) is not { } rates)
        {
            log.LogError("Model {Model} has no price: usage {Usage} of call {Call} is counted at nothing", usage.Model, usage.Id, call.Id);
            return;
        }

        nano += rates.NanoUsd(usage);
        sums[usage.Model] = sums.TryGetValue(usage.Model, out var before) ? before + usage : usage;
        var (total, text) = (nano, JsonSerializer.Serialize(sums.Select(sum => ModelUsed.Of(sum.Key, sum.Value)), CallJson.Options));
        await database.Write(async transaction =>
        {
            await transaction.Execute(
                "UPDATE calls SET model_nano_usd = @total, model_usage = @text WHERE account_id = @AccountId AND id = @Id", new { call.AccountId, call.Id, total, text });
            live.Tell(transaction, call, "call_cost", new { CallId = call.Id, ModelCostUsd = CallShown.Dollars(total / 1_000_000_000m) });
        });
    }

    public async Task Tick(int secondsLeft)
    {
        var now = clock.GetUtcNow();
        if (secondsLeft <= AsksForMore && now >= nextAsk)
        {
            nextAsk = now + BetweenAsks;
            await Lengthen();
        }

        if (now >= nextBeat || secondsLeft is 60 or 20)
        {
            nextBeat = now + BetweenBeats;
            await database.Write(transaction =>
            {
                live.Tell(transaction, call, "call_progress", new { CallId = call.Id, SecondsLeft = secondsLeft, SecondsUsed = (int)Math.Max(0, (now - answered).TotalSeconds) });
                return Task.CompletedTask;
            });
        }
    }

    public async Task Ended(BridgeEnd end)
    {
        await desk.Change(
            call.Id,
            // How it ended the carrier says, or is asked soon.
            one => one with
            {
                Media = JsonSerializer.Serialize(end, CallJson.Options),
                EndReason = one.EndReason ?? end.Reason,
                ReviewAt = one.IsOver ? one.ReviewAt : clock.GetUtcNow() + AfterStream,
            },
            CancellationToken.None);
        log.LogInformation("The stream of call {Call} ended: {Reason}", call.Id, end.Reason);
    }

    // The carrier is told only after the time is paid for, and the agent only after the carrier knows.
    private async Task Lengthen()
    {
        if (await meter.Lengthen(use) is not { } seconds || answered + TimeSpan.FromSeconds(seconds) is var at && at <= until)
        {
            return;
        }

        await carrier.Limit(call, seconds, CancellationToken.None);
        until = at;
        await desk.Change(call.Id, one => one.IsOver ? one : one with { DurationLimit = seconds, LineUntil = at + CallRules.Grace, ReviewAt = at + CallRules.Grace }, CancellationToken.None);
        running.LimitChanged(call.Id, at);
    }
}
