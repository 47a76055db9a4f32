namespace Ledgerline.Identity;

/// <summary>Before the first request: there is a signing key, and SECRET_KEY opens it, or the start ends with a sentence.</summary>
internal sealed class IdentityStart(SigningKeys keys, IdentityOptions options, ILogger<IdentityStart> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.SecretIsBorrowed)
        {
            log.LogWarning("SECRET_KEY is not set: this development server uses one that everybody knows. Production refuses it.");
        }

        return keys.Prepare(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
