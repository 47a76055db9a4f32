using Ledgerline.Audio;
using Ledgerline.Gateway;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Transcription;

/// <summary>One recording's way through the gateway, in the words of this product's contract.</summary>
internal sealed class PaidTranscription(PaidAudio paid, ModelGateway gateway, ModelCatalog models, ServiceUsage usage)
{
    public const string Action = "transcribe";

    private const int SecondsPerMinute = 60;

    /// <param name="keep">Stores the answer in the transaction that charges for it.</param>
    /// <param name="gone">Says that nobody waits for the answer any more.</param>
    public async Task<IResult> Run(
        AccountId account, Upload upload, string? language, Func<Transaction, Transcribe.Answer, Task> keep, CancellationToken gone) =>
        paid.Measure(upload, gone) switch
        {
            AudioReading.Recording recording => await WithMoney(account, upload, recording, language, keep, gone),
            AudioReading.Unsupported => new Refusal(StatusCodes.Status415UnsupportedMediaType, TranscriptionRefusals.Unsupported),
            AudioReading.Unreadable => new Refusal(StatusCodes.Status400BadRequest, TranscriptionRefusals.Unreadable),
            var other => throw new InvalidOperationException($"The probe answered {other}."),
        };

    private async Task<IResult> WithMoney(
        AccountId account, Upload upload, AudioReading.Recording recording, string? language, Func<Transaction, Transcribe.Answer, Task> keep, CancellationToken gone)
    {
        var work = new AudioWork(account, Action, models.Transcription, new { filename = upload.FileName, file_size = upload.Bytes, language })
        {
            Language = language,
        };
        var outcome = await paid.Run(
            work,
            upload,
            recording,
            async (authorization, audio) =>
            {
                var transcript = await gateway.Transcribe(authorization, audio, CancellationToken.None);
                return new Heard<string>(transcript.Text, transcript.Consumption);
            },
            (transaction, text, settled) =>
            {
                usage.RecordOnce(transaction, StartedMinutes(account, settled));
                return keep(transaction, Say(text, settled));
            },
            gone);
        return outcome switch
        {
            AudioOutcome<string>.NotPaid { Answer: var answer } =>
                new Refusal(StatusCodes.Status402PaymentRequired, TranscriptionRefusals.NotEnough(answer.Needed, answer.Available)),
            AudioOutcome<string>.Failed { Failure.Reason: var reason } =>
                new Refusal(StatusCodes.Status500InternalServerError, TranscriptionRefusals.Failed(reason)),
            AudioOutcome<string>.Settled settled => TypedResults.Ok(Say(settled.Value, settled.Settlement)),
            var other => throw new InvalidOperationException($"The work ended as {other}."),
        };
    }

    // Paid with credits: shown beside the other services, charged no second time.
    private static NewServiceUse StartedMinutes(AccountId account, Settlement settled) => new(
        account, MeteredService.Transcription, Math.Max(1, (long)Math.Ceiling(settled.DurationSeconds / SecondsPerMinute)))
    {
        Resource = settled.UseKey,
        IsPrepaid = true,
    };

    private static Transcribe.Answer Say(string text, Settlement settled) =>
        new(text, ExactSeconds.Of(settled.DurationSeconds), settled.Charged.Ceiling, settled.Available.Floor);
}
