using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/logout</c>: ends the session that the bearer token names, expired or not, with its whole family of tokens.</summary>
internal static class LogOut
{
    private static readonly string[] Cookies = ["access_token", "refresh_token", "token"];

    public static async Task<Ok<Answer>> Handle(HttpContext context, Tokens tokens, SignInSessions sessions, CancellationToken stop)
    {
        if (BearerHandler.TokenOf(context.Request) is { } token && await tokens.Read(token, stop, evenExpired: true) is { } claims)
        {
            await sessions.End(claims.Account, claims.SessionId, stop);
        }

        foreach (var cookie in Cookies)
        {
            context.Response.Cookies.Delete(cookie);
        }

        return TypedResults.Ok(new Answer("Logged out successfully"));
    }

    internal sealed record Answer(string Detail);
}
