using System.Data.Common;
using Ledgerline.Ai;
using Ledgerline.Audio;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>
/// One recording's way: measured, paid for by a hold, given to a model, settled. A client that hangs up before the provider was asked
/// gets its hold back; one that hangs up later pays for what is then done (the drain policy), because the provider bills us too.
/// </summary>
public sealed class PaidAudio(Meter meter, UploadOptions options, Ids ids, ILogger<PaidAudio> log)
{
    private const string Done = "done";
    private const string ClientGone = "client_gone";

    /// <summary>What the bytes are and how long they play; a reading that is no recording has been logged.</summary>
    public AudioReading Measure(Upload upload, CancellationToken gone)
    {
        var reading = AudioProbe.Read(upload.Audio, gone);
        var why = reading switch
        {
            AudioReading.Unsupported unsupported => unsupported.Why,
            AudioReading.Unreadable unreadable => unreadable.Why,
            _ => null,
        };
        if (why is not null)
        {
            log.LogInformation("An upload was refused: {Why}", why);
        }

        return reading;
    }

    /// <param name="ask">Asks the model. It is not called off: once the provider is asked it will bill us.</param>
    /// <param name="keep">Stores the answer in the transaction that charges for it.</param>
    /// <param name="gone">Says that nobody waits for the answer any more.</param>
    public async Task<AudioOutcome<T>> Run<T>(
        AudioWork work,
        Upload upload,
        AudioReading.Recording measured,
        Func<Authorization, Recording, Task<Heard<T>>> ask,
        Func<Transaction, T, Settlement, Task> keep,
        CancellationToken gone)
    {
        var seconds = measured.Length.Ticks / (decimal)TimeSpan.TicksPerSecond;
        var use = new AudioUse(work.Account, work.Action, work.Model, seconds, ids.Text(), options.HoldLifetime) { Limit = work.Limit };
        var paid = await meter.Authorize(use, gone);
        if (paid.Authorization is not { } authorization)
        {
            return new AudioOutcome<T>.NotPaid(paid);
        }

        Heard<T> heard;
        await using var notice = gone.Register(() =>
            log.LogInformation("The client of transcription {Key} has gone; what the provider was asked for goes on", use.Key));
        try
        {
            gone.ThrowIfCancellationRequested();
            upload.Audio.Position = 0;
            var name = AudioFileName.For(upload.FileName, measured.Format);
            heard = await ask(authorization, new Recording(upload.Audio, name, measured.Format.MediaType(), work.Language));
        }
        catch (ModelFailure failure)
        {
            await GiveBack(authorization);
            log.LogWarning("Transcription {Key} failed: {Reason}: {What}", use.Key, failure.Reason, failure.Message);
            return new AudioOutcome<T>.Failed(failure);
        }
        catch
        {
            await GiveBack(authorization);
            throw;
        }

        var receipt = new Receipt(heard.Consumption, heard.Reason ?? (gone.IsCancellationRequested ? ClientGone : Done), work.Metadata);
        return new AudioOutcome<T>.Settled(
            heard.Value, await meter.Settle(authorization, receipt, (transaction, settled) => keep(transaction, heard.Value, settled)));
    }

    private async Task GiveBack(Authorization authorization)
    {
        try
        {
            await meter.Release(authorization);
        }
        catch (Exception failure) when (failure is DbException or TimeoutException or StillRunning)
        {
            // The meter has said so in the log; the hold goes back later, at the latest when it expires.
        }
    }
}
