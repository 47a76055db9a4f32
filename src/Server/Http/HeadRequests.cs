namespace Ledgerline.Http;

/// <summary>HEAD answers wherever GET does, with the same headers and no body.</summary>
public static class HeadRequests
{
    private static readonly object Mark = new();

    /// <summary>True when only the headers are wanted: a handler that would stream need not begin.</summary>
    public static bool Is(HttpContext context) => context.Items.ContainsKey(Mark);

    internal static void UseHeadRequests(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[Mark] = true;
            // Only routing sees this: the server still knows that it was HEAD and sends no body.
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    });
}
