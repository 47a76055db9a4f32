using Ledgerline.Ai;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Transcription;

/// <summary>Every address of Transcription.</summary>
internal static class TranscriptionRoutes
{
    private const string ExampleId = "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10";

    private static readonly SignInWithGoogle.Answer ExampleToken =
        new("eyJhbGciOiJIUzI1NiIs…", "bearer", ExampleId, "jane@example.com", "Jane Doe", 100, true);

    public static void MapTranscription(this IEndpointRouteBuilder app)
    {
        MapGoogle(app.MapGroup("").WithTags("Sign-in").AllowAnonymous().WithMetadata(RateLimit.Google));
        MapTranscribe(app.MapGroup("").WithTags("Transcription").RequireAuthorization());
        MapProfile(app.MapGroup("").WithTags("Profile").RequireAuthorization().WithMetadata(RateLimit.Everything));
    }

    private static void MapGoogle(RouteGroupBuilder routes)
    {
        routes.MapGet("/auth/google/url", StartGoogleSignIn.Handle)
            .WithName("StartGoogleSignIn")
            .WithSummary("Begin to sign in with Google")
            .WithDescription("Send the person to auth_url. The state comes back with the browser and is good for 10 minutes and one use.")
            .Example(new StartGoogleSignIn.Answer("https://accounts.google.com/o/oauth2/v2/auth?client_id=…", "mY0s3Q9xkq1vT4nE8bZ2cW6rL5uJ7hG0dF3aS1pO9iU"))
            .Refuses(StatusCodes.Status503ServiceUnavailable, "the operator has not set Google's client id and secret", "Google sign-in is not configured");

        routes.MapGet("/auth/google/callback", SignInWithGoogle.Browser)
            .WithName("GoogleCallback")
            .WithSummary("Where Google sends the browser")
            .WithDescription("The first sign-in makes the account with its welcome credits. Answers JSON; nothing is redirected.")
            .Parameter("query", "code", "From Google; good for one use.", "4/0AbCdEf")
            .Parameter("query", "state", "As /auth/google/url gave it.", "mY0s3Q9xkq1vT4nE8bZ2cW6rL5uJ7hG0dF3aS1pO9iU")
            .Parameter("query", "error", "From Google when the person declined.", "access_denied")
            .Example(ExampleToken)
            .Refuses(StatusCodes.Status400BadRequest, "the state is unknown, used, expired or another browser's", "Authentication failed: invalid state")
            .Refuses(StatusCodes.Status400BadRequest, "Google does not take the code", "Authentication failed: invalid code")
            .Refuses(StatusCodes.Status400BadRequest, "Google does not answer", "Authentication failed: Google is not reachable")
            .Refuses(StatusCodes.Status400BadRequest, "Google names no e-mail", "Authentication failed: e-mail missing")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "the operator has not set Google's client id and secret", "Google sign-in is not configured");

        routes.MapPost("/auth/google/token", SignInWithGoogle.Desktop)
            .WithName("GoogleToken")
            .WithSummary("Sign in with a code that the desktop client caught")
            .WithDescription("The code is a query value, the body is empty. It is exchanged with the desktop client's own redirect address; no state is asked for.")
            .Parameter("query", "code", "From Google; good for one use.", "4/0AbCdEf")
            .Example(ExampleToken)
            .Refuses(StatusCodes.Status400BadRequest, "Google does not take the code", "Authentication failed: invalid code")
            .Refuses(StatusCodes.Status400BadRequest, "Google does not answer", "Authentication failed: Google is not reachable")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "the operator has not set Google's client id and secret", "Google sign-in is not configured");
    }

    private static void MapTranscribe(RouteGroupBuilder routes)
    {
        routes.MapPost("/api/transcribe", Transcribe.Handle).WithMetadata(RateLimit.AiWork)
            .WithName("Transcribe")
            .WithSummary("Turn a recording into text")
            .WithDescription(
                "Costs one credit for each started 15 seconds. The recording's length is decoded from the audio and that many credits are reserved "
                + "before anything is paid for; afterwards the provider's own measure is charged. Who hangs up before the answer pays for what was done; "
                + "with an Idempotency-Key the answer can be fetched again.")
            .Uploads(Transcribe.Field, "A recording as wav, mp3, mp4 or m4a, webm, ogg (Opus, Vorbis) or flac, up to 25 MiB; told by its bytes, not by its name.")
            .Parameter("query", "language", "The spoken language as ISO 639 code; found out when it is not given.", "en")
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same and charges once.", "6f1d2c3a")
            .Produces<Transcribe.Answer>()
            .Example(new Transcribe.Answer("Good morning, this is a test.", 12.3m, 1, 99))
            .Refuses(StatusCodes.Status400BadRequest, "the recording is cut off, empty or cannot be decoded", TranscriptionRefusals.Unreadable)
            .Refuses(
                StatusCodes.Status402PaymentRequired,
                "the credits do not cover the recording's length; the provider was not asked",
                TranscriptionRefusals.NotEnough(Credits.Whole(40), Credits.Whole(39)))
            .Refuses(
                StatusCodes.Status409Conflict,
                "the first request with this Idempotency-Key still runs",
                "A request with this Idempotency-Key is still being processed")
            .Refuses(StatusCodes.Status413PayloadTooLarge, "the file is larger than 25 MiB; said before it is read", TranscriptionRefusals.TooLarge)
            .Refuses(StatusCodes.Status415UnsupportedMediaType, "the bytes are none of the formats", TranscriptionRefusals.Unsupported)
            .Refuses(
                StatusCodes.Status422UnprocessableEntity,
                "there is not exactly one file in the field audio, or the language is no ISO code",
                new[] { new { loc = new[] { "body", "audio" }, msg = "Field required", type = "missing" } })
            .Refuses(
                StatusCodes.Status500InternalServerError,
                "the provider failed or did not answer within 55 seconds; nothing was charged",
                TranscriptionRefusals.Failed(ModelFailure.TimeOut));

        routes.MapGet("/api/transcribe/estimate", EstimateTranscription.Handle).WithMetadata(RateLimit.Everything)
            .WithName("EstimateTranscription")
            .WithSummary("What a recording would cost")
            .WithDescription("The credits for a recording of this length, and whether the account has them. Nothing is reserved.")
            .Parameter("query", "duration_seconds", "From 0 to 86400.", 31.0m)
            .Example(new EstimateTranscription.Answer(31.0m, 3, 100, true))
            .Refuses(
                StatusCodes.Status422UnprocessableEntity,
                "the length is missing, no number, negative or above 86400",
                new[] { new { loc = new[] { "query", "duration_seconds" }, msg = "Input should be greater than or equal to 0", type = "greater_than_equal" } });
    }

    private static void MapProfile(RouteGroupBuilder routes)
    {
        routes.MapGet("/api/users/me", ShowProfile.Handle)
            .WithName("ShowProfile")
            .WithSummary("Who is signed in, with the credits that can be spent")
            .WithDescription("`credits` is the balance less what running requests have reserved.")
            .Example(new ShowProfile.Answer(ExampleId, "jane@example.com", "Jane Doe", null, 99));

        routes.MapGet("/api/users/me/stats", ShowUsage.Handle)
            .WithName("ShowUsage")
            .WithSummary("The profile, and what was used in the last days")
            .WithDescription("Counts whole requests that were charged, with their credits and seconds.")
            .Parameter("query", "days", "From 1 to 365; 30 when it is not given.", 30)
            .Example(new ShowUsage.Answer(ExampleId, "jane@example.com", "Jane Doe", null, 99, new ShowUsage.Totals(1, 1, 12.3m, 30)));

        routes.MapGet("/api/users/me/credits", ShowProfile.Credits)
            .WithName("ShowCredits")
            .WithSummary("The credits that can be spent")
            .WithDescription("The balance less what running requests have reserved; never negative.")
            .Example(new ShowProfile.CreditsAnswer(99, ExampleId));
    }
}
