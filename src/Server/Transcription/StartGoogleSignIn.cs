using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Transcription;

/// <summary><c>GET /auth/google/url</c>: where to send the person.</summary>
internal static class StartGoogleSignIn
{
    /// <param name="AuthUrl">Google's consent page; <c>redirect_uri=</c> occurs once in it, because the desktop client replaces that text.</param>
    /// <param name="State">Good for 10 minutes and one use.</param>
    public sealed record Answer(string AuthUrl, string State);

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(HttpContext context, GoogleSignIn google, CancellationToken stop)
    {
        if (google.Off is { } off)
        {
            return off;
        }

        var start = await google.Start(context, stop);
        return TypedResults.Ok(new Answer(start.AuthUrl, start.State));
    }
}
