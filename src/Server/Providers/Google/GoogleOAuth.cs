using System.Net;
using System.Text.Json;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.Google;

/// <summary>Google's OAuth code flow: an authorisation code in, a person out.</summary>
public sealed class GoogleOAuth
{
    private const int LargestAnswerBytes = 1024 * 1024;

    // A client waits for the answer: codes, keys and userinfo together may not take longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient http;
    private readonly GoogleOptions options;
    private readonly GoogleKeys keys;
    private readonly TimeProvider clock;

    public GoogleOAuth(HttpClient http, GoogleOptions options, GoogleKeys keys, TimeProvider clock)
    {
        (this.http, this.options, this.keys, this.clock) = (http, options, keys, clock);
        http.MaxResponseContentBufferSize = LargestAnswerBytes;
    }

    internal static Upstream Upstream(GoogleOptions options) => Wire.Upstream.At("google", options.TokenAddress, Patience);

    /// <summary>
    /// Exchanges the code, once: it is good for one use, so nothing is repeated. The person comes from the ID token, and where the
    /// answer has none from userinfo.
    /// </summary>
    /// <param name="redirectUri">The same string as on the consent page.</param>
    /// <param name="codeVerifier">Where the consent page was given a challenge.</param>
    /// <exception cref="GoogleFailure"/>
    public async Task<GooglePerson> Exchange(string code, string redirectUri, string? codeVerifier, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var tokens = await Tokens(code, redirectUri, codeVerifier, either.Token);
            return tokens.IdToken is { } idToken
                ? await GoogleIdToken.Verify(idToken, options.ClientId!, clock.GetUtcNow(), kid => keys.Find(kid, FetchKeys, either.Token))
                : await UserInfo(tokens.AccessToken, either.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutRejectedException or IOException or JsonException or FormatException
            || (failure is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new GoogleFailure(GoogleFault.NotReachable, $"Google did not answer as it should: {failure.GetType().Name}.", failure);
        }
    }

    private async Task<TokenAnswer> Tokens(string code, string redirectUri, string? codeVerifier, CancellationToken stop)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["client_id"] = options.ClientId!,
            ["client_secret"] = options.ClientSecret!,
            ["redirect_uri"] = redirectUri,
        };
        if (codeVerifier is not null)
        {
            form["code_verifier"] = codeVerifier;
        }

        using var body = new FormUrlEncodedContent(form);
        using var answer = await http.PostAsync("token", body, stop);
        if (answer.StatusCode == HttpStatusCode.BadRequest)
        {
            throw new GoogleFailure(GoogleFault.Refused, "Google refused the code.");
        }

        answer.EnsureSuccessStatusCode();
        var tokens = JsonSerializer.Deserialize<TokenAnswer>(await answer.Content.ReadAsByteArrayAsync(stop), Json);
        return tokens is { IdToken: null, AccessToken: null } or null
            ? throw new GoogleFailure(GoogleFault.NotReachable, "Google answered a code with neither token.")
            : tokens;
    }

    private async Task<GooglePerson> UserInfo(string? accessToken, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{options.ApiAddress}/oauth2/v2/userinfo");
        request.Headers.Authorization = new("Bearer", accessToken);
        using var answer = await http.SendAsync(request, stop);
        answer.EnsureSuccessStatusCode();
        var info = JsonSerializer.Deserialize<UserInfoAnswer>(await answer.Content.ReadAsByteArrayAsync(stop), Json);
        return GooglePerson.From(info?.Id, info?.Email, info?.VerifiedEmail == true, info?.Name, info?.Picture)
            ?? throw new GoogleFailure(GoogleFault.NotReachable, "Google's userinfo names nobody.");
    }

    private Task<HttpResponseMessage> FetchKeys(CancellationToken stop) => http.GetAsync($"{options.ApiAddress}/oauth2/v3/certs", stop);

    private sealed record TokenAnswer(string? AccessToken, string? IdToken);

    private sealed record UserInfoAnswer(string? Id, string? Email, bool? VerifiedEmail, string? Name, string? Picture);
}
