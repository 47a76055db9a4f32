using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/refresh</c>: a refresh token, in the body or as a cookie, for a new pair.</summary>
internal static class RefreshSession
{
    private static readonly string[] Cookies = ["refresh_token", "token"];

    public static async Task<Results<Ok<TokenAnswer>, Refusal>> Handle(
        HttpContext context, RateLimiter limiter, SignIns signIns, Database database, CancellationToken stop)
    {
        if (await Read(context.Request, stop) is not { } token)
        {
            return await limiter.Take(context, null, stop) ?? Refusal.Unauthorized("Refresh token missing");
        }

        // A family shares its limit, however many of its tokens are presented; a token that we never gave counts for itself.
        var family = await RefreshTokens.FamilyOf(database, token, stop);
        if (await limiter.Take(context, family ?? SecretHash.Of(token), stop) is { } refusal)
        {
            return refusal;
        }

        var session = family is null ? null : await database.Write(transaction => signIns.GoOn(transaction, token, stop), stop);
        return session is null ? Refusal.Unauthorized("Refresh token invalid or expired") : TypedResults.Ok(await signIns.Answer(session, stop));
    }

    private static async Task<string?> Read(HttpRequest request, CancellationToken stop)
    {
        if (request.HasJsonContentType() && request.ContentLength is not 0 && await ReadBody(request, stop) is { RefreshToken.Length: > 0 } body)
        {
            return body.RefreshToken;
        }

        return Cookies.Select(name => request.Cookies[name]).FirstOrDefault(value => !string.IsNullOrEmpty(value));
    }

    private static async Task<Request?> ReadBody(HttpRequest request, CancellationToken stop)
    {
        try
        {
            return await request.ReadFromJsonAsync<Request>(stop);
        }
        catch (JsonException failure) when (request.ContentLength is null && failure is { BytePositionInLine: 0, LineNumber: 0 })
        {
            // A client that relies on its cookie may say JSON and send nothing.
            return null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new Invalid("body", "refresh_token", "Not valid JSON", "json_invalid");
        }
    }

    /// <param name="RefreshToken">Left out by clients that send it as a cookie.</param>
    internal sealed record Request(string? RefreshToken);
}
