using Ledgerline.Ai;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Transcription;

/// <summary>Every address of Transcription.</summary>
internal static class TranscriptionRoutes
{
    public static void MapTranscription(this IEndpointRouteBuilder app)
    {
        var transcription = app.MapGroup("").WithTags("Transcription").RequireAuthorization();

        transcription.MapPost("/api/transcribe", Transcribe.Handle).WithMetadata(RateLimit.AiWork).WithName("transcribe")
            .WithSummary("Turn a recording into text")
            .WithDescription(
                "Costs one credit for each started 15 seconds. The recording's length is decoded from the audio and that many credits are reserved "
                + "before anything is paid for; afterwards the provider's own measure is charged. Who hangs up before the answer pays for what was done; "
                + "with an Idempotency-Key the answer can be fetched again.")
            .Uploads("audio", "A recording as wav, mp3, mp4 or m4a, webm, ogg (Opus, Vorbis) or flac, up to 25 MiB; told by its bytes, not by its name.")
            .Parameter("query", "language", "The spoken language as ISO 639 code; found out when it is not given.", "en")
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same and charges once.", "6f1d2c3a")
            .Produces<Transcribe.Answer>()
            .Example(new Transcribe.Answer("Good morning, this is a test.", 12.3m, 1, 99))
            .Refuses(StatusCodes.Status400BadRequest, "the recording is cut off, empty or cannot be decoded", TranscriptionRefusals.Unreadable)
            .Refuses(StatusCodes.Status402PaymentRequired, "the credits do not cover the recording's length; the provider was not asked",
                TranscriptionRefusals.NotEnough(Credits.Whole(40), Credits.Whole(39)))
            .Refuses(StatusCodes.Status409Conflict, "the first request with this Idempotency-Key still runs",
                "A request with this Idempotency-Key is still being processed")
            .Refuses(StatusCodes.Status413PayloadTooLarge, "the file is larger than 25 MiB; said before it is read", TranscriptionRefusals.TooLarge)
            .Refuses(StatusCodes.Status415UnsupportedMediaType, "the bytes are none of the formats", TranscriptionRefusals.Unsupported)
            .Refuses(StatusCodes.Status422UnprocessableEntity, "there is not exactly one file in the field audio, or the language is no ISO code",
                new[] { new { loc = new[] { "body", "audio" }, msg = "Field required", type = "missing" } })
            .Refuses(StatusCodes.Status500InternalServerError, "the provider failed or did not answer within 55 seconds; nothing was charged",
                TranscriptionRefusals.Failed(ModelFailure.TimeOut));

        transcription.MapGet("/api/transcribe/estimate", EstimateTranscription.Handle).WithMetadata(RateLimit.Everything).WithName("estimateTranscription")
            .WithSummary("What a recording would cost")
            .WithDescription("The credits for a recording of this length, and whether the account has them. Nothing is reserved.")
            .Parameter("query", "duration_seconds", "From 0 to 86400.", 31.0m)
            .Example(new EstimateTranscription.Answer(31.0m, 3, 100, true))
            .Refuses(StatusCodes.Status422UnprocessableEntity, "the length is missing, no number, negative or above 86400",
                new[] { new { loc = new[] { "query", "duration_seconds" }, msg = "Input should be greater than or equal to 0", type = "greater_than_equal" } });
    }
}
