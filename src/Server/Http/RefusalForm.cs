namespace Ledgerline.Http;

/// <summary>
/// The shape of refusals below a path prefix whose clients know another one than <c>{"detail": …}</c>. It holds for whoever refuses
/// there: sign-in, rate limits, handlers, addresses that do not exist. Registered as a service; on a route also as its metadata.
/// </summary>
public abstract class RefusalForm(PathString prefix)
{
    /// <summary>Null where the house's own shape holds.</summary>
    public static RefusalForm? For(HttpContext context) =>
        context.RequestServices?.GetServices<RefusalForm>().FirstOrDefault(form => form.Covers(context.Request.Path));

    /// <summary>The status to answer and the body.</summary>
    /// <param name="param">The field that is wrong, where one is.</param>
    public abstract (int Status, object Body) Shape(int status, string sentence, string? param = null);

    /// <summary>Headers that every answer below the prefix carries.</summary>
    public abstract void Head(HttpContext context);

    /// <summary>Writes a refusal; headers that go with its status are set already.</summary>
    public Task Write(HttpContext context, int status, object detail, string? param = null)
    {
        var (shown, body) = Shape(status, detail as string ?? "The request was refused.", param);
        context.Response.StatusCode = shown;
        Head(context);
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    private bool Covers(PathString path) => path.StartsWithSegments(prefix, StringComparison.Ordinal);
}
