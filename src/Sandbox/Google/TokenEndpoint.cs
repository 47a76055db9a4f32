using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>Exchanges codes and refresh tokens, and ends tokens.</summary>
internal static class TokenEndpoint
{
    public static async Task<IResult> Exchange(HttpContext context, GoogleAccounts accounts, IdTokens idTokens, SandboxOptions options)
    {
        try
        {
            var form = await Form(context);
            string? Optional(string name) => form.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;
            string Required(string name) => Optional(name) ?? throw new GoogleError("invalid_request", $"Missing required parameter: {name}");

            CheckClient(Optional("client_id"), Optional("client_secret"), options);
            return Required("grant_type") switch
            {
                "authorization_code" => Code(accounts.Redeem(Required("code"), Optional("redirect_uri"), Optional("code_verifier")), context, accounts, idTokens),
                "refresh_token" => Refresh(Required("refresh_token"), accounts),
                var other => throw new GoogleError("unsupported_grant_type", $"Invalid grant_type: {other}"),
            };
        }
        catch (GoogleError refusal)
        {
            return Json.Answer(refusal.Body, refusal.Status);
        }
    }

    public static async Task<IResult> Revoke(HttpContext context, GoogleAccounts accounts)
    {
        var token = context.Request.Query["token"].ToString();
        if (token.Length == 0 && context.Request.HasFormContentType)
        {
            token = (await context.Request.ReadFormAsync(context.RequestAborted))["token"].ToString();
        }

        return accounts.Revoke(token)
            ? Json.Answer(new JsonObject())
            : Json.Answer(new GoogleError("invalid_token", "Token expired or revoked").Body, 400);
    }

    private static async Task<IFormCollection> Form(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            throw new GoogleError("invalid_request", "The token endpoint takes a form: application/x-www-form-urlencoded.");
        }

        return await context.Request.ReadFormAsync(context.RequestAborted);
    }

    private static void CheckClient(string? id, string? secret, SandboxOptions options)
    {
        if (id != options.GoogleClientId)
        {
            throw new GoogleError("invalid_client", "The OAuth client was not found.", 401);
        }

        if (secret != options.GoogleClientSecret)
        {
            throw new GoogleError("invalid_client", "Unauthorized", 401);
        }
    }

    private static IResult Code(GoogleGrant grant, HttpContext context, GoogleAccounts accounts, IdTokens idTokens)
    {
        var (access, refresh) = accounts.Issue(grant);
        var answer = Answer(access, grant.Scope);
        if (refresh is not null)
        {
            answer["refresh_token"] = refresh;
        }

        if (grant.Scope.Split(' ').Contains("openid"))
        {
            answer["id_token"] = idTokens.Make(grant, access, context.Origin());
        }

        return Private(context, answer);
    }

    private static IResult Refresh(string refresh, GoogleAccounts accounts)
    {
        var (access, token) = accounts.Refresh(refresh);
        return Json.Answer(Answer(access, token.Scope));
    }

    private static IResult Private(HttpContext context, JsonObject answer)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store, max-age=0, must-revalidate";
        return Json.Answer(answer);
    }

    private static JsonObject Answer(string access, string scope) => new()
    {
        ["access_token"] = access,
        ["expires_in"] = (int)GoogleAccounts.TokenLife.TotalSeconds,
        ["scope"] = scope,
        ["token_type"] = "Bearer",
    };
}
