using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.Twilio;

/// <summary>
/// Twilio's transport: forms out, JSON in. Twilio takes no idempotency key, so every POST is sent once; whoever calls decides what a
/// doubtful one means. What can be called lies in one file a resource.
/// </summary>
internal static class TwilioClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <exception cref="TwilioFailure">It was not answered as asked.</exception>
    public static Task<T> Post<T>(
        this HttpClient http, TwilioOptions options, string path, IEnumerable<KeyValuePair<string, string>> form, CancellationToken stop) =>
        http.Ask<T>(options, new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) }, stop);

    /// <exception cref="TwilioFailure">It was not answered as asked.</exception>
    public static Task<T> Get<T>(this HttpClient http, TwilioOptions options, string path, CancellationToken stop) =>
        http.Ask<T>(options, new HttpRequestMessage(HttpMethod.Get, path), stop);

    /// <summary>A file; null when Twilio does not have it.</summary>
    /// <exception cref="TwilioFailure">It was not answered as asked.</exception>
    public static async Task<Stream?> Open(this HttpClient http, TwilioOptions options, string path, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        try
        {
            var answer = await http.Send(options, request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (answer.IsSuccessStatusCode)
            {
                return await answer.Content.ReadAsStreamAsync(stop);
            }

            using (answer)
            {
                return answer.StatusCode == HttpStatusCode.NotFound ? null : throw TwilioFailure.Answered(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(stop));
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutRejectedException)
        {
            throw TwilioFailure.Unreachable(failure);
        }
    }

    private static async Task<T> Ask<T>(this HttpClient http, TwilioOptions options, HttpRequestMessage asked, CancellationToken stop)
    {
        using var request = asked;
        try
        {
            using var answer = await http.Send(options, request, HttpCompletionOption.ResponseContentRead, stop);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<T>(body, Json) ?? throw TwilioFailure.Unreadable("Twilio answered null.")
                : throw TwilioFailure.Answered(answer.StatusCode, body);
        }
        catch (JsonException)
        {
            throw TwilioFailure.Unreadable($"Twilio answered no {typeof(T).Name}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutRejectedException)
        {
            throw TwilioFailure.Unreachable(failure);
        }
    }

    private static Task<HttpResponseMessage> Send(
        this HttpClient http, TwilioOptions options, HttpRequestMessage request, HttpCompletionOption completion, CancellationToken stop)
    {
        if (options.IsOff)
        {
            throw TwilioFailure.Off();
        }

        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.AccountSid}:{options.AuthToken}")));
        return http.SendAsync(request, completion, stop);
    }
}

/// <summary>Registers Twilio.</summary>
internal static class TwilioServices
{
    public static void AddTwilio(this IServiceCollection services, TwilioOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(new TwilioSignature(options));
        services.AddSingleton(new StartupRule(() => options.Fault is { } fault ? [fault] : []));
        services.AddUpstream<TwilioMessages>(_ => Upstream.At("twilio", options.BaseAddress, TwilioClient.Patience));
        services.AddUpstream<TwilioCalls>(_ => Upstream.At("twilio", options.BaseAddress, TwilioClient.Patience));
        services.AddUpstream<TwilioVerifications>(_ => Upstream.At("twilio", options.VerifyBaseAddress, TwilioClient.Patience));
    }
}
