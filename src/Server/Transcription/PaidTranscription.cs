using System.Data.Common;
using Ledgerline.Ai;
using Ledgerline.Audio;
using Ledgerline.Gateway;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Transcription;

/// <summary>
/// One recording's way: measured, paid for by a hold, written down, settled. A client that hangs up before the provider was asked
/// gets its hold back; one that hangs up later pays for what is then done (the drain policy), because the provider bills us too.
/// </summary>
internal sealed class PaidTranscription(
    Meter meter, ModelGateway gateway, ModelCatalog models, TranscriptionOptions options, Ids ids, ILogger<PaidTranscription> log)
{
    public const string Action = "transcribe";
    private const string Done = "done";
    private const string ClientGone = "client_gone";

    /// <param name="keep">Stores the answer in the transaction that charges for it.</param>
    /// <param name="gone">Says that nobody waits for the answer any more.</param>
    public async Task<IResult> Run(
        AccountId account, Upload upload, string? language, Func<Transaction, Transcribe.Answer, Task> keep, CancellationToken gone)
    {
        switch (AudioProbe.Read(upload.Audio, gone))
        {
            case AudioReading.Recording(var format, var length):
                var use = new AudioUse(account, Action, models.Transcription, length.Ticks / (decimal)TimeSpan.TicksPerSecond, ids.Text(), options.HoldLifetime);
                var (authorization, needed, available) = await meter.Authorize(use, gone);
                return authorization is null
                    ? new Refusal(StatusCodes.Status402PaymentRequired, TranscriptionRefusals.NotEnough(needed, available))
                    : await WithMoney(authorization, upload, format, language, keep, gone);
            case AudioReading.Unsupported unsupported:
                log.LogInformation("An upload was refused: {Why}", unsupported.Why);
                return new Refusal(StatusCodes.Status415UnsupportedMediaType, TranscriptionRefusals.Unsupported);
            case AudioReading.Unreadable unreadable:
                log.LogInformation("An upload was refused: {Why}", unreadable.Why);
                return new Refusal(StatusCodes.Status400BadRequest, TranscriptionRefusals.Unreadable);
            case var other:
                throw new InvalidOperationException($"The probe answered {other}.");
        }
    }

    private async Task<IResult> WithMoney(
        Authorization authorization, Upload upload, AudioFormat format, string? language, Func<Transaction, Transcribe.Answer, Task> keep, CancellationToken gone)
    {
        Transcript transcript;
        await using var notice = gone.Register(() =>
            log.LogInformation("The client of transcription {Key} has gone; what the provider was asked for goes on", authorization.Use.Key));
        try
        {
            gone.ThrowIfCancellationRequested();
            upload.Audio.Position = 0;
            var recording = new Recording(upload.Audio, AudioFileName.For(upload.FileName, format), format.MediaType(), language);
            // Once the provider is asked it will bill us, so from here on the client cannot call it off; the provider's own limit ends it.
            transcript = await gateway.Transcribe(authorization, recording, CancellationToken.None);
        }
        catch (ModelFailure failure)
        {
            await GiveBack(authorization);
            log.LogWarning("Transcription {Key} failed: {Reason}: {What}", authorization.Use.Key, failure.Reason, failure.Message);
            return new Refusal(StatusCodes.Status500InternalServerError, TranscriptionRefusals.Failed(failure.Reason));
        }
        catch
        {
            await GiveBack(authorization);
            throw;
        }

        var receipt = new Receipt(
            transcript.Consumption,
            gone.IsCancellationRequested ? ClientGone : Done,
            new { filename = upload.FileName, file_size = upload.Bytes, language });
        Transcribe.Answer Say(Settlement settled) =>
            new(transcript.Text, ExactSeconds.Of(settled.DurationSeconds), settled.Charged.Ceiling, settled.Available.Floor);
        var settlement = await meter.Settle(authorization, receipt, (transaction, settled) => keep(transaction, Say(settled)));
        return TypedResults.Ok(Say(settlement));
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
