using System.Globalization;

namespace Ledgerline.Http;

/// <summary>An answer that says no: <c>{"detail": …}</c>, a sentence or the object the contract gives.</summary>
public sealed class Refusal(int status, object detail) : IResult, IStatusCodeHttpResult, IValueHttpResult
{
    public int Status { get; } = status;

    /// <summary>Sent as whole seconds, rounded up: when it is worth trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>It says something about the moment, not about the request: an Idempotency-Key is free again after it, whatever its status.</summary>
    public bool IsPassing { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status;

    object? IValueHttpResult.Value => new Body(detail);

    public static Refusal BadRequest(string sentence) => new(StatusCodes.Status400BadRequest, sentence);

    public static Refusal NotFound(string sentence = "Not Found") => new(StatusCodes.Status404NotFound, sentence);

    public static Refusal Unauthorized(string sentence = "Not authenticated") => new(StatusCodes.Status401Unauthorized, sentence);

    public static Refusal TooManyRequests(TimeSpan retryAfter, string sentence = "Rate limit exceeded. Please try again later.") =>
        new(StatusCodes.Status429TooManyRequests, sentence) { RetryAfter = retryAfter };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        if (Status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (RetryAfter is { } wait)
        {
            httpContext.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return RefusalForm.For(httpContext) is { } form
            ? form.Write(httpContext, Status, detail)
            : httpContext.Response.WriteAsJsonAsync(new Body(detail), httpContext.RequestAborted);
    }

    private sealed record Body(object Detail);
}
