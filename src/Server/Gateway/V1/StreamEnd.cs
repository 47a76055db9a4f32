using System.Text;
using Ledgerline.Http;

namespace Ledgerline.Gateway.V1;

/// <summary>The end of a stream whose beginning has been sent: its last event, and what it cost as trailers where the client takes them.</summary>
internal sealed class StreamEnd(ExactAnswer whole, string tail) : IResult, IExact
{
    public ExactAnswer Exact => whole;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (!response.HasStarted)
        {
            // The whole stream was one event: then its cost can still stand in the head.
            await whole.ExecuteAsync(httpContext);
            return;
        }

        await EventRelay.Send(httpContext, Encoding.UTF8.GetBytes(tail));
        if (response.SupportsTrailers())
        {
            foreach (var (name, value) in whole.Headers)
            {
                response.AppendTrailer(name, value);
            }
        }
    }
}
