using System.Net;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Ledgerline.Providers.Wire;

/// <summary>
/// Repeats what may be repeated: reads, and writes that carry an idempotency key; on lost connections, time-outs, 408, 409 with a
/// key, 429 and 5xx; at most three attempts. Anything else is sent once: a paid call without a key must never run twice.
/// </summary>
internal sealed class OutboundRepeat : DelegatingHandler
{
    /// <summary>Another time limit for one attempt of this request.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Patience = new("ledgerline.patience");

    private const int Repeats = 2;
    private readonly Upstream upstream;
    private readonly TimeProvider clock;
    private readonly ResiliencePipeline<HttpResponseMessage> repeating;

    public OutboundRepeat(Upstream upstream, TimeProvider clock)
    {
        (this.upstream, this.clock) = (upstream, clock);
        repeating = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Repeats,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(300),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
                ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome switch
                {
                    { Exception: HttpRequestException or TimeoutRejectedException } => true,
                    { Result: { } answer } => MayHelp(answer),
                    _ => false,
                }),
                DelayGenerator = outcome => ValueTask.FromResult(
                    outcome.Outcome.Result?.Headers.RetryAfter?.Delta is { } wait && wait <= TimeSpan.FromSeconds(5) ? wait : (TimeSpan?)null),
                OnRetry = outcome =>
                {
                    outcome.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var patience = request.Options.TryGetValue(Patience, out var own) ? own : upstream.Patience;
        var repeatable = request.Method == HttpMethod.Get || request.Headers.Contains("Idempotency-Key");
        return repeatable
            ? await repeating.ExecuteAsync(async stop => await Once(request, patience, stop), cancellationToken)
            : await Once(request, patience, cancellationToken);
    }

    private async Task<HttpResponseMessage> Once(HttpRequestMessage request, TimeSpan patience, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return await base.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutRejectedException($"{upstream.Provider} did not answer within {patience.TotalSeconds} s.", patience);
        }
    }

    private static bool MayHelp(HttpResponseMessage answer)
    {
        // Stripe says so itself; it knows better than the status.
        if (answer.Headers.TryGetValues("Stripe-Should-Retry", out var says))
        {
            return says.Contains("true");
        }

        return answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests
            || (int)answer.StatusCode >= 500;
    }
}
