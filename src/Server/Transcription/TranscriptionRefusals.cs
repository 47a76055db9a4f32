using Ledgerline.Ai;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Transcription;

/// <summary>The ways a transcription is refused, as the contract words them.</summary>
internal static class TranscriptionRefusals
{
    public static readonly Detail TooLarge = new("File too large", "FILE_TOO_LARGE");
    public static readonly Detail Unsupported = new("Unsupported audio", "UNSUPPORTED_AUDIO");
    public static readonly Detail Unreadable = new("Audio could not be read", "AUDIO_UNREADABLE");

    public sealed record Detail(string Error, string Code);

    /// <summary>Both amounts in whole credits.</summary>
    public sealed record Shortage(string Error, string Code, long CreditsNeeded, long CreditsAvailable);

    public static Shortage NotEnough(Credits needed, Credits available) =>
        new("Insufficient credits", "INSUFFICIENT_CREDITS", needed.Ceiling, available.Floor);

    /// <summary>Neutral words: what the provider said is for the operator.</summary>
    public static Detail Failed(string reason) => new(
        "Transcription failed: " + reason switch
        {
            ModelFailure.TimeOut => "the speech service did not answer in time",
            ModelFailure.NotConfigured => "the speech service is not configured",
            _ => "the speech service could not transcribe this recording",
        },
        "TRANSCRIPTION_FAILED");

    public static Refusal RefuseBody(HttpContext context)
    {
        RestOfBody.LetPass(context);
        return new Refusal(StatusCodes.Status413PayloadTooLarge, TooLarge);
    }
}
