using System.Diagnostics;

namespace Ledgerline.Providers.Wire;

/// <summary>One line for each attempt: provider, operation, status, duration, the provider's request id. No query, header or body.</summary>
internal sealed class OutboundLog(Upstream upstream, ILogger<OutboundLog> log) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var path = request.RequestUri!.AbsolutePath;
        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            var requestId = answer.Headers.TryGetValues("x-request-id", out var ids) || answer.Headers.TryGetValues("request-id", out ids)
                ? string.Join(',', ids)
                : null;
            log.LogInformation(
                "{Provider} {Method} {Path} answered {Status} in {Milliseconds} ms, request {RequestId}",
                upstream.Provider, request.Method, path, (int)answer.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds, requestId);
            return answer;
        }
        catch (Exception failure)
        {
            log.LogWarning(
                "{Provider} {Method} {Path} failed after {Milliseconds} ms: {Failure}",
                upstream.Provider, request.Method, path, Stopwatch.GetElapsedTime(started).TotalMilliseconds, failure.GetType().Name);
            throw;
        }
    }
}
