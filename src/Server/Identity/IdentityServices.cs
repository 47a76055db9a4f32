using System.Text.Encodings.Web;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Google;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Identity;

/// <summary>What Identity registers, Google's client for sign-in included.</summary>
internal static class IdentityServices
{
    /// <exception cref="InvalidOperationException">A setting is missing or makes no sense; the message names it.</exception>
    public static void AddIdentity(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(IdentityOptions.From(settings));
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<SignInSessions>();
        services.AddSingleton<RefreshTokens>();
        services.AddSingleton<BearerTokens>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInFailures>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<PasswordSignIn>();
        services.AddSingleton(provider => new OperatorVerbs(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Accounts>(),
            provider.GetRequiredService<Passwords>(),
            provider.GetRequiredService<SigningKeys>(),
            provider.GetRequiredService<Ids>()));
        services.AddHostedService<IdentityStart>();
        AddBearer(services);
        AddGoogle(services, GoogleOptions.From(settings));
    }

    public static void ListenToIdentity(this Listeners jobs) => jobs.Every<IdentitySweepDue>(SweepIdentity.Interval).Run<SweepIdentity>();

    // The core alone: AddAuthentication would also bring data protection, which writes keys of its own into the home directory.
    private static void AddBearer(IServiceCollection services)
    {
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = BearerHandler.SchemeName;
            options.AddScheme<BearerHandler>(BearerHandler.SchemeName, null);
        });
        services.AddTransient<BearerHandler>();
        services.AddSingleton(UrlEncoder.Default);
        services.AddAuthorization();
    }

    private static void AddGoogle(IServiceCollection services, GoogleOptions google)
    {
        services.AddSingleton(google);
        services.AddSingleton<GoogleKeys>();
        services.AddUpstream<GoogleOAuth>(_ => GoogleOAuth.Upstream(google));
        services.AddSingleton<GoogleStates>();
        services.AddSingleton<GoogleAccounts>();
        services.AddTransient(provider => new GoogleSignIn(
            provider.GetRequiredService<GoogleOAuth>(),
            google,
            provider.GetRequiredService<IdentityOptions>(),
            provider.GetRequiredService<GoogleStates>(),
            provider.GetRequiredService<GoogleAccounts>(),
            provider.GetRequiredService<ILogger<GoogleSignIn>>()));
    }
}
