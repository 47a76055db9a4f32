using System.Text.Json;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.Stripe;

/// <summary>
/// Stripe's transport: forms out, JSON in, the pinned version on every call and a business key on every POST, so that a repeat is
/// never a second one. What can be called lies in one file a resource.
/// </summary>
public sealed class StripeClient(HttpClient http, StripeOptions options, TimeProvider clock)
{
    /// <summary>For one attempt.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    // For all attempts together, the reading of the answer included: two calls fit into the minute that clients wait.
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(25);

    /// <exception cref="StripeFailure">It was not answered as asked.</exception>
    internal Task<T> Get<T>(string path, CancellationToken stop) => Send<T>(() => new HttpRequestMessage(HttpMethod.Get, path), stop);

    /// <param name="idempotencyKey">A business key of up to 255 characters, in our database before this call.</param>
    /// <exception cref="StripeFailure">It was not answered as asked.</exception>
    internal Task<T> Post<T>(string path, IEnumerable<KeyValuePair<string, string>> form, string idempotencyKey, CancellationToken stop) => Send<T>(
        () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form),
            Headers = { { "Idempotency-Key", idempotencyKey } },
        },
        stop);

    /// <summary>Sent once: Stripe takes no key here, and a second one finds nothing left to end.</summary>
    /// <exception cref="StripeFailure">It was not answered as asked.</exception>
    internal Task<T> Delete<T>(string path, IEnumerable<KeyValuePair<string, string>> form, CancellationToken stop) =>
        Send<T>(() => new HttpRequestMessage(HttpMethod.Delete, path) { Content = new FormUrlEncodedContent(form) }, stop);

    /// <summary>All pages of a list, its newest first.</summary>
    /// <param name="path">With a query.</param>
    internal async Task<IReadOnlyList<T>> All<T>(string path, Func<T, string> id, CancellationToken stop)
    {
        List<T> all = [];
        StripeList<T> page;
        do
        {
            var after = all.Count > 0 ? $"&starting_after={Uri.EscapeDataString(id(all[^1]))}" : "";
            page = await Get<StripeList<T>>($"{path}&limit=100{after}", stop);
            all.AddRange(page.Data);
        }
        while (page.HasMore && page.Data.Count > 0);
        return all;
    }

    /// <summary>Stripe's objects had other shapes before this version.</summary>
    internal bool SpeaksOldShapes => string.CompareOrdinal(options.ApiVersion, StripeOptions.FirstOfNewShapes) < 0;

    private async Task<T> Send<T>(Func<HttpRequestMessage> make, CancellationToken stop)
    {
        if (options.SecretKey is not { } key)
        {
            throw StripeFailure.Off();
        }

        using var request = make();
        request.Headers.Authorization = new("Bearer", key);
        request.Headers.Add("Stripe-Version", options.ApiVersion);
        using var limit = new CancellationTokenSource(LongestCall, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            using var answer = await http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            var requestId = answer.Headers.TryGetValues("Request-Id", out var ids) ? string.Join(',', ids) : null;
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<T>(body, StripeJson.Options) ?? throw StripeFailure.Unreadable($"Stripe answered null, request {requestId}.")
                : throw StripeFailure.Answered(answer.StatusCode, body, requestId);
        }
        catch (JsonException failure)
        {
            throw StripeFailure.Unreadable($"Stripe answered no {typeof(T).Name}.", failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutRejectedException
            || (failure is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw StripeFailure.Unreachable(failure);
        }
    }
}

/// <summary>Registers Stripe.</summary>
internal static class StripeServices
{
    public static void AddStripe(this IServiceCollection services, StripeOptions options)
    {
        services.AddSingleton(options);
        services.AddUpstream<StripeClient>(_ => Upstream.At("stripe", options.BaseAddress, StripeClient.Patience));
    }
}
