using Ledgerline.Http;

namespace Ledgerline.Gateway.V1;

/// <summary><c>POST /v1/audio/translations</c>: speech of any language to English text.</summary>
internal static class CreateTranslation
{
    private static readonly AudioAddress Address = new("audio/translations", "translate", AudioAsk.Translation);

    public static Task<IResult> Handle(HttpContext context, CurrentAccount caller, V1Audio audio) => audio.Run(context, caller, Address);
}
