using System.Security.Cryptography;
using System.Text.Json;
using Ledgerline.Audio;
using Ledgerline.Gateway.Keys;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Http;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1;

/// <summary>One of OpenAI's audio addresses that we offer.</summary>
/// <param name="Path">The provider's, below <c>/v1</c>.</param>
/// <param name="Action">As the ledger names it.</param>
internal sealed record AudioAddress(string Path, string Action, Func<FormFields, ModelCatalog, AudioAsk> Check);

/// <summary>What transcriptions and translations share: the form, the money, the provider, the answer passed through.</summary>
internal sealed class V1Audio(
    PaidAudio paid, ModelGateway gateway, ModelCatalog models, Idempotency idempotency, UploadStore uploads)
{
    public const string Field = "file";

    // Below the shortest life of a hold.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(110);
    private static readonly TimeSpan LongestUnchunked = TimeSpan.FromSeconds(30);

    public async Task<IResult> Run(HttpContext context, CurrentAccount caller, AudioAddress address)
    {
        var fields = new FormFields();
        await using var upload = await Read(context, fields);
        var ask = address.Check(fields, models);
        return await idempotency.Run(
            context, caller.Id, () => Fingerprint(fields, upload), ticket => Paid(context, caller, address, ask, upload, ticket), clientRepeats: true);
    }

    private async Task<Upload> Read(HttpContext context, FormFields fields)
    {
        try
        {
            return await Upload.Read(context, uploads, Field, Idempotency.MayRepeat(context.Request), fields);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            RestOfBody.LetPass(context);
            throw new V1Refusal(StatusCodes.Status413PayloadTooLarge, $"The file is larger than {uploads.Options.LargestAudioBytes} bytes.", Field);
        }
    }

    // Of what was sent, in whatever order and with whatever boundary.
    private static string Fingerprint(FormFields fields, Upload upload)
    {
        var canonical = JsonSerializer.SerializeToUtf8Bytes(new
        {
            upload.Sha256,
            fields = fields.All.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => new[] { field.Key, field.Value }),
        });
        return Convert.ToHexStringLower(SHA256.HashData(canonical));
    }

    private async Task<IResult> Paid(
        HttpContext context, CurrentAccount caller, AudioAddress address, AudioAsk ask, Upload upload, IdempotencyTicket? ticket)
    {
        if (paid.Measure(upload, context.RequestAborted) is not AudioReading.Recording recording)
        {
            return V1Refusal.Wrong(Field, "The audio file could not be decoded, or its format is not supported.").Answer;
        }

        if (ask.Abilities.NeedsChunks && recording.Length > LongestUnchunked && !ask.Chunked)
        {
            return V1Refusal.Wrong("chunking_strategy", $"chunking_strategy is required with {ask.Model} for audio longer than 30 seconds.").Answer;
        }

        var outcome = await paid.Run(
            WorkOf(context, caller, address, ask, upload),
            upload,
            recording,
            (authorization, audio) => Ask(context, address, ask, authorization, audio),
            (transaction, answer, settled) => ticket is null ? Task.CompletedTask : idempotency.Keep(transaction, ticket, answer.Exact(Cost.Of(settled))),
            context.RequestAborted);
        return outcome switch
        {
            AudioOutcome<Relayed>.Settled { Value: var answer, Settlement: var settled } => answer.Answer(Cost.Of(settled)),
            AudioOutcome<Relayed>.NotPaid { Answer: var answer } => V1Refusal.NotPaid(answer).Answer,
            AudioOutcome<Relayed>.Failed { Failure: var failure } => ProviderFaults.Speech.Of(failure).Answer,
            var other => throw new InvalidOperationException($"The work ended as {other}."),
        };
    }

    private static AudioWork WorkOf(HttpContext context, CurrentAccount caller, AudioAddress address, AudioAsk ask, Upload upload) =>
        new(caller.Id, address.Action, ask.Model, new
        {
            filename = upload.FileName,
            file_size = upload.Bytes,
            response_format = ask.Format,
            key_id = caller.Key?.Id,
            request_id = context.Response.Headers[OpenAiErrors.RequestIdHeader].ToString(),
        })
        {
            Limit = KeyBudget.Of(caller.Key),
        };

    private async Task<Heard<Relayed>> Ask(HttpContext context, AudioAddress address, AudioAsk ask, Authorization authorization, Recording audio)
    {
        using var answer = await gateway.PassThrough(authorization, address.Path, ask.Forwarded, audio, Patience, CancellationToken.None);
        return answer.IsEventStream
            ? await new EventRelay(context, answer, authorization.Use).Run()
            : await Relayed.Read(answer, ask.Format, authorization.Use);
    }
}
