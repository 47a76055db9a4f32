using System.Data.Common;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Status;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Live;

/// <summary>Carries notes to the agents: a row first, so that it reaches whichever node has the call, within a second.</summary>
internal sealed class NotesCourier(Database database, LiveCalls running, Ids ids, TimeProvider clock, ILogger<NotesCourier> log) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A note for a call that ended before it came is no note any more.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(2);

    public async Task Send(CallRow call, string note, CancellationToken stop)
    {
        var id = ids.Number();
        await database.Write(
            transaction => transaction.Execute(
                "INSERT INTO call_notes (account_id, call_id, id, text, created_at) VALUES (@AccountId, @call, @id, @note, @now)",
                new { call.AccountId, call = call.Id, id, note, now = clock.GetUtcNow() },
                stop),
            stop);
        if (running.SecondsLeft(call.Id) is not null)
        {
            await Deliver(stop);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(Beat, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await beat.WaitForNextTickAsync(stoppingToken);
                await (running.Count > 0 ? Deliver(stoppingToken) : Task.CompletedTask);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or TimeoutException or IOException)
            {
                log.LogWarning("Notes to agents could not be read and are tried again: {Failure}", failure.GetType().Name);
            }
        }
    }

    // Taken before it is told: a note that is told twice is worse than one that a dying node takes with it.
    private async Task Deliver(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var taken = await database.Write(
            transaction => transaction.ListFor<Note, Live>(
                """
                UPDATE call_notes SET taken_at = r.now FROM {rows}
                WHERE call_notes.call_id = r.call AND call_notes.taken_at IS NULL AND call_notes.created_at > r.since
                RETURNING call_notes.call_id, call_notes.id, call_notes.text
                """,
                [.. running.Ids.Select(call => new Live(call, now, now - Freshness))],
                stop),
            stop);
        foreach (var note in taken.OrderBy(note => note.Id))
        {
            running.Note(note.CallId, note.Text, answer: false);
        }
    }

    private readonly record struct Live(long Call, DateTimeOffset Now, DateTimeOffset Since);

    private sealed class Note
    {
        public long CallId { get; init; }
        public long Id { get; init; }
        public required string Text { get; init; }
    }
}
