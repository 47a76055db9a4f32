using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Gateway.Keys;

/// <summary><c>DELETE /api/keys/{id}</c>: the key ends here at once, and on every other node within 30 seconds.</summary>
internal static class RevokeKey
{
    public sealed record Answer(string Id, bool Revoked);

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(string id, CurrentAccount caller, ApiKeys keys, CancellationToken stop) =>
        await keys.Revoke(caller.Id, id, stop) ? TypedResults.Ok(new Answer(id, true)) : Refusal.NotFound("API key not found");
}
