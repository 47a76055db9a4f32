using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>Google's part of the control room.</summary>
internal static class GoogleControl
{
    private const string SignInScope = "openid email profile";

    /// <summary>The buttons on the home page; signing in has its own page, where an authorisation address leads.</summary>
    public static Html Panel => Html.Of($"""
        <section><h2>Google</h2><p>{Page.Button("New signing keys", "POST", "/_sandbox/google/keys/rotate")}
        <span class="soft">The next ID token is wrong:</span>
        {Page.Button("expired", "POST", "/_sandbox/google/id-token", new { expired = true })}{Page.Button("for somebody else", "POST", "/_sandbox/google/id-token", new { aud = "somebody-else" })}
        {Page.Button("forged", "POST", "/_sandbox/google/id-token", new { key = "wrong" })}{Page.Button("unsigned", "POST", "/_sandbox/google/id-token", new { alg = "none" })}
        {Page.Button("without e-mail", "POST", "/_sandbox/google/id-token", new { no_email = true })}</p></section>
        """);

    public sealed record SignInCall
    {
        public string Email { get; init; } = "";
        public string? Name { get; init; }
        public string? Sub { get; init; }
        public string? AuthUrl { get; init; }
        public string? Scope { get; init; }
        public bool Deny { get; init; }
        public bool EmailVerified { get; init; } = true;
        public string? Nonce { get; init; }
    }

    public sealed record Rotation
    {
        public bool Gently { get; init; }
    }

    /// <summary>What the consent page's buttons do, without the page.</summary>
    public static async Task<IResult> SignIn(HttpContext context, GoogleAccounts accounts, SandboxOptions options)
    {
        var call = await Json.Read<SignInCall>(context);
        if (!GooglePerson.IsEmail(call.Email))
        {
            return Json.Refuse("email must be an e-mail address.");
        }

        var person = GooglePerson.Of(call.Email, call.Name, call.Sub, call.EmailVerified);
        if (call.AuthUrl is null)
        {
            return call.Deny
                ? Json.Refuse("deny needs auth_url: without it there is no redirect to carry the refusal.")
                : Json.Answer(new { code = accounts.NewCode(person, call.Scope ?? SignInScope, null, call.Nonce), redirect_url = (string?)null });
        }

        try
        {
            var at = call.AuthUrl.IndexOf('?', StringComparison.Ordinal);
            var request = AuthRequest.Parse(at < 0 ? "" : call.AuthUrl[at..], options);
            if (call.Deny)
            {
                return Json.Answer(new { code = (string?)null, redirect_url = request.Redirect(("error", "access_denied")) });
            }

            var (code, url) = ConsentPage.Allow(request, person, call.Scope ?? request.Scope, call.Nonce ?? request.Nonce, accounts);
            return Json.Answer(new { code, redirect_url = url });
        }
        catch (GoogleError refusal)
        {
            return Json.Refuse($"Google would refuse this auth_url: {refusal.Message}");
        }
    }

    public static async Task<IResult> Rotate(HttpContext context, GoogleKeys keys)
    {
        var rotation = await Json.Read<Rotation>(context);
        keys.Rotate(rotation.Gently);
        return Json.Answer(new { kids = keys.Published.Select(key => key.Id) });
    }

    public static async Task<IResult> SpoilNext(HttpContext context, IdTokens idTokens)
    {
        var fault = await Json.Read<IdTokenFault>(context);
        if (fault.Times is < 1 or > 1000 || fault.Key is not (null or "wrong" or "unknown"))
        {
            return Json.Refuse("times is between 1 and 1000; key is wrong or unknown.");
        }

        idTokens.Add(fault);
        return Results.NoContent();
    }
}
