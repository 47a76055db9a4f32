using System.Text;
using Sandbox.Core;

namespace Sandbox.Replies;

/// <summary>A reply event by event, each one write, with the pauses that its script asks for.</summary>
internal sealed class ReplyStream(string provider, string contentType, IEnumerable<string> events, NextReply? script) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var pauses = httpContext.Service<ReplyPauses>();
        var response = httpContext.Response;
        var stop = httpContext.RequestAborted;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-cache";
        try
        {
            var sent = 0;
            foreach (var one in events)
            {
                await pauses.Meet(script, provider, sent++, httpContext);
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes(one), stop);
                await response.Body.FlushAsync(stop);
            }

            await pauses.Meet(script, provider, sent, httpContext);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client hung up; the request's line in the log says so.
            RequestLog.MarkDropped(httpContext);
        }
    }
}
