using Ledgerline.Http;

namespace Ledgerline.Identity;

/// <summary>Whether what a request showed at its beginning is still good: for what lasts longer than a request does.</summary>
internal sealed class BearerStanding(BearerTokens tokens, ApiKeys keys)
{
    /// <summary>False once the key was revoked, the token is over, or its session was ended.</summary>
    public async ValueTask<bool> Stands(HttpContext context, CurrentAccount caller, CancellationToken stop) =>
        BearerHandler.TokenOf(context.Request) is { } shown
        && (caller.Key is null ? await tokens.Check(shown, stop) is not null : await keys.Check(shown, stop) is not null);
}
