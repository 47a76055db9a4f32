namespace Ledgerline.Http;

/// <summary>Asks the limits before a handler runs: after sign-in is known, before it is required.</summary>
internal static class RateLimiting
{
    public static void UseRateLimits(this WebApplication app)
    {
        var limiter = app.Services.GetRequiredService<RateLimiter>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RateLimiting));
        app.Use(async (context, next) =>
        {
            if (await limiter.TakeForCaller(context, context.RequestAborted) is { } refusal)
            {
                await refusal.ExecuteAsync(context);
                return;
            }

            await next(context);
            if (context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status401Unauthorized && RateLimiter.Forgotten(context))
            {
                log.LogError("{Route} is limited by identity, but its handler never asked RateLimiter.Take", context.GetEndpoint()?.DisplayName);
            }
        });
    }
}
