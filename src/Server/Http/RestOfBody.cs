using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Http;

/// <summary>What a client still sends after it has been refused for the size of it.</summary>
public static class RestOfBody
{
    /// <summary>
    /// Throws it away for some seconds; cut off at once, the client would not see the answer. What is left then stays unread, so the
    /// connection cannot carry another request.
    /// </summary>
    public static void LetPass(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        context.Response.Headers.Connection = "close";
    }
}
