using System.Text.Encodings.Web;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Google;
using Ledgerline.Providers.Wire;
using Microsoft.AspNetCore.Authorization;

namespace Ledgerline.Identity;

/// <summary>What Identity registers, Google's client for sign-in included.</summary>
internal static class IdentityServices
{
    public static void AddIdentity(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(_ => IdentityOptions.From(settings));
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<SignInSessions>();
        services.AddSingleton<RefreshTokens>();
        services.AddSingleton<BearerStanding>();
        services.AddSingleton<BearerTokens>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInFailures>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<PasswordSignIn>();
        services.AddSingleton<OneTimeCodes>();
        services.AddSingleton<SendCode>();
        services.AddSingleton<VerifyCode>();
        services.AddSingleton<ResetPassword>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton(provider => new OperatorVerbs(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Accounts>(),
            provider.GetRequiredService<Passwords>(),
            provider.GetRequiredService<SigningKeys>(),
            provider.GetRequiredService<Ids>()));
        services.AddHostedService<IdentityStart>();
        CheckAtStart(services);
        AddBearer(services);
        AddGoogle(services, settings);
    }

    // Reading them is the check.
    private static void CheckAtStart(IServiceCollection services)
    {
        services.AddSingleton(provider => new StartupRule(() => Read<IdentityOptions>(provider)));
        services.AddSingleton(provider => new StartupRule(() => Read<GoogleOptions>(provider)));
    }

    private static string[] Read<TOptions>(IServiceProvider provider)
        where TOptions : notnull
    {
        _ = provider.GetRequiredService<TOptions>();
        return [];
    }

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
        services.AddAuthorization(options =>
        {
            options.DefaultPolicy = new AuthorizationPolicyBuilder()
                .RequireAuthenticatedUser()
                .RequireAssertion(context => context.Resource is not HttpContext http || BearerHandler.IsInScope(http))
                .Build();
            options.AddPolicy(Operators.Policy, policy => policy.Combine(options.DefaultPolicy).AddRequirements(new Operators()));
        });
        services.AddSingleton<IAuthorizationHandler, OperatorCheck>();
    }

    private static void AddGoogle(IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(_ => GoogleOptions.From(settings));
        services.AddSingleton<GoogleKeys>();
        services.AddUpstream<GoogleOAuth>(provider => GoogleOAuth.Upstream(provider.GetRequiredService<GoogleOptions>()));
        services.AddSingleton<GoogleStates>();
        services.AddSingleton<GoogleAccounts>();
        services.AddTransient(provider => new GoogleSignIn(
            provider.GetRequiredService<GoogleOAuth>(),
            provider.GetRequiredService<GoogleOptions>(),
            provider.GetRequiredService<IdentityOptions>(),
            provider.GetRequiredService<GoogleStates>(),
            provider.GetRequiredService<GoogleAccounts>(),
            provider.GetRequiredService<Ids>(),
            provider.GetRequiredService<ILogger<GoogleSignIn>>()));
    }
}
