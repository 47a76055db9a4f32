using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>It is time to look after keys and to forget what is over.</summary>
public sealed record IdentitySweepDue;

/// <summary>Rotates the signing key when it has served its time; forgets expired tokens, sessions, codes, states, failures and keys.</summary>
internal sealed class SweepIdentity(Database database, SigningKeys keys, SignInFailures failures, GoogleStates states, ApiKeys apiKeys,
    OneTimeCodes codes, TimeProvider clock)
    : IJob<IdentitySweepDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public async Task Run(IdentitySweepDue news, CancellationToken stop)
    {
        await keys.RotateWhenDue(stop);
        await keys.ForgetOld(stop);
        await failures.ForgetOld(stop);
        await states.ForgetOld(stop);
        await apiKeys.ForgetOld(stop);
        await database.Write(transaction => codes.ForgetOld(transaction, stop), stop);
        var now = clock.GetUtcNow();
        await database.Write(transaction => transaction.Execute("DELETE FROM refresh_tokens WHERE expires_at < @now", new { now }, stop), stop);
        await database.Write(transaction => transaction.Execute("DELETE FROM sign_in_sessions WHERE expires_at < @now", new { now }, stop), stop);
    }
}
