using System.Buffers.Text;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>Every address of the Google simulator: the hosts for accounts, tokens and APIs share the prefix <c>/google</c>.</summary>
internal static class GoogleRoutes
{
    public static void AddGoogle(this IServiceCollection services)
    {
        services.AddSingleton<GoogleKeys>();
        services.AddSingleton<GoogleAccounts>();
        services.AddSingleton<IdTokens>();
    }

    public static void MapGoogle(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<SandboxOptions>();
        services.GetRequiredService<Simulators>().Add(new Simulator("google")
        {
            Keys = origin => new
            {
                base_url = $"{origin}/google",
                accounts_base_url = $"{origin}/google",
                token_base_url = $"{origin}/google",
                api_base_url = $"{origin}/google",
                client_id = options.GoogleClientId,
                client_secret = options.GoogleClientSecret,
            },
            Reset = () =>
            {
                services.GetRequiredService<GoogleAccounts>().Clear();
                services.GetRequiredService<IdTokens>().Clear();
            },
            Error = GoogleError.ApiShape,
            Controls = () => GoogleControl.Panel,
        });

        var google = app.MapGroup("/google");
        google.MapGet("/o/oauth2/v2/auth", ConsentPage.Show);
        google.MapPost("/o/oauth2/v2/auth", ConsentPage.Decide);
        google.MapPost("/token", TokenEndpoint.Exchange);
        google.MapPost("/revoke", TokenEndpoint.Revoke);
        google.MapGet("/oauth2/v3/certs", Jwks);
        google.MapGet("/oauth2/v1/certs", Certificates);
        google.MapGet("/oauth2/v2/userinfo", GoogleUserinfo.Get);
        google.MapGet("/userinfo/v2/me", GoogleUserinfo.Get);
        google.MapGet("/a/{sub}", GoogleUserinfo.Portrait);

        var control = app.MapGroup("/_sandbox/google");
        control.MapPost("/sign-in", GoogleControl.SignIn);
        control.MapPost("/keys/rotate", GoogleControl.Rotate);
        control.MapPost("/id-token", GoogleControl.SpoilNext);
    }

    private static IResult Jwks(HttpContext context, GoogleKeys keys) => Cached(context, new
    {
        keys = keys.Published.Select(key => new
        {
            kty = "RSA",
            alg = "RS256",
            use = "sig",
            kid = key.Id,
            n = Base64Url.EncodeToString(key.Public.Modulus),
            e = Base64Url.EncodeToString(key.Public.Exponent),
        }),
    });

    private static IResult Certificates(HttpContext context, GoogleKeys keys) =>
        Cached(context, keys.Published.ToDictionary(key => key.Id, key => key.CertificatePem));

    private static IResult Cached(HttpContext context, object answer)
    {
        context.Response.Headers.CacheControl = "public, max-age=3600, must-revalidate, no-transform";
        return Json.Answer(answer);
    }
}
