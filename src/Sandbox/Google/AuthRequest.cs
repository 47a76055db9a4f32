using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>
/// What an authorisation URL asks for. Of a parameter that is repeated the first counts, and one without a name is passed
/// over: a desktop client is known to rewrite the URL it was given in a way that leaves such junk.
/// </summary>
internal sealed record AuthRequest(
    string ClientId, string RedirectUri, string Scope, string? State, string? Nonce, string? Challenge, bool ChallengeIsPlain,
    bool Offline, bool AskAgain, string? LoginHint)
{
    /// <summary>Refused as the page would refuse it, in one sentence.</summary>
    public static AuthRequest Parse(string query, SandboxOptions options)
    {
        var said = new Dictionary<string, string>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            said.TryAdd(pair.DecodeName().ToString(), pair.DecodeValue().ToString());
        }

        string? Optional(string name) => said.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
        string Required(string name) => Optional(name) ?? throw new GoogleError("invalid_request", $"Missing required parameter: {name}");

        if (Required("client_id") != options.GoogleClientId)
        {
            throw new GoogleError("invalid_client", "The OAuth client was not found.", 401);
        }

        var redirect = Required("redirect_uri");
        if (!Uri.TryCreate(redirect, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Fragment.Length > 0)
        {
            throw new GoogleError("invalid_request", "Invalid parameter value for redirect_uri: it must be an absolute http(s) address without a fragment.");
        }

        if (Required("response_type") != "code")
        {
            throw new GoogleError("unsupported_response_type", "The sandbox plays the code flow only: response_type=code.");
        }

        var method = Optional("code_challenge_method") ?? "plain";
        var challenge = Optional("code_challenge");
        if (challenge is not null && (method is not ("plain" or "S256") || challenge.Length is < 43 or > 128))
        {
            throw new GoogleError("invalid_request", "code_challenge is 43 to 128 characters long, its method S256 or plain.");
        }

        return new AuthRequest(
            options.GoogleClientId, redirect, Required("scope"), Optional("state"), Optional("nonce"), challenge, method == "plain",
            Optional("access_type") == "offline", Optional("prompt")?.Contains("consent", StringComparison.Ordinal) == true, Optional("login_hint"));
    }

    /// <summary>The redirect with what Google adds to it; values that are missing are left out.</summary>
    public string Redirect(params (string Name, string? Value)[] values)
    {
        var all = values.Append(("state", State)).Where(one => one.Item2 is not null).Select(one => KeyValuePair.Create(one.Item1, one.Item2));
        return QueryHelpers.AddQueryString(RedirectUri, all);
    }
}
