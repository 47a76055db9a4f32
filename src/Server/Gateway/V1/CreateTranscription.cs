using Ledgerline.Http;

namespace Ledgerline.Gateway.V1;

/// <summary><c>POST /v1/audio/transcriptions</c>: speech to text in its own language.</summary>
internal static class CreateTranscription
{
    private static readonly AudioAddress Address = new("audio/transcriptions", "transcribe", AudioAsk.Transcription);

    public static Task<IResult> Handle(HttpContext context, CurrentAccount caller, V1Audio audio) => audio.Run(context, caller, Address);
}
