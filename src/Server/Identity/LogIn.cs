using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/login</c> and <c>POST /token</c>: the same, but for one word.</summary>
internal static class LogIn
{
    public static Task<Results<Ok<TokenAnswer>, Refusal>> Handle(HttpContext context, PasswordSignIn signIn, CancellationToken stop) =>
        Answer(signIn.Run(context, "Incorrect username or password", stop));

    public static Task<Results<Ok<TokenAnswer>, Refusal>> HandleToken(HttpContext context, PasswordSignIn signIn, CancellationToken stop) =>
        Answer(signIn.Run(context, "Incorrect email or password", stop));

    private static async Task<Results<Ok<TokenAnswer>, Refusal>> Answer(Task<(TokenAnswer? Tokens, Refusal? Refusal)> run)
    {
        var (tokens, refusal) = await run;
        return tokens is null ? refusal! : TypedResults.Ok(tokens);
    }
}
