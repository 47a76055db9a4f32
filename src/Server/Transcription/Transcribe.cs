using System.Text.RegularExpressions;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Http;

namespace Ledgerline.Transcription;

/// <summary>Turns a recording into text and charges the account for its length.</summary>
internal static partial class Transcribe
{
    /// <param name="DurationSeconds">As the provider measured it, else as we decoded it; exact.</param>
    /// <param name="CreditsRemaining">What can be spent after this.</param>
    public sealed record Answer(string Text, decimal DurationSeconds, long CreditsUsed, long CreditsRemaining);

    /// <summary>The form's field that holds the recording.</summary>
    public const string Field = "audio";

    public static async Task<IResult> Handle(
        HttpContext context, CurrentAccount caller, UploadStore uploads, PaidTranscription paid, Idempotency idempotency)
    {
        var language = Language(context.Request);
        Upload upload;
        try
        {
            upload = await Upload.Read(context, uploads, Field, hash: context.Request.Headers.ContainsKey(Idempotency.Header));
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TranscriptionRefusals.RefuseBody(context);
        }

        await using (upload)
        {
            return await idempotency.Run(
                context,
                caller.Id,
                () => $"{language} {upload.Sha256}",
                ticket => paid.Run(
                    caller.Id,
                    upload,
                    language,
                    async (transaction, answer) =>
                    {
                        if (ticket is not null)
                        {
                            await idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer);
                        }
                    },
                    context.RequestAborted));
        }
    }

    private static string? Language(HttpRequest request) => request.Query["language"] switch
    {
        [] or [""] => null,
        [{ } code] when IsoCode().IsMatch(code) => code,
        _ => throw new Invalid("query", "language", "Give the language as one ISO 639 code, such as en or ja"),
    };

    [GeneratedRegex(@"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\z")]
    private static partial Regex IsoCode();
}
