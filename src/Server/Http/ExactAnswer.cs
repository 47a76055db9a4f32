using System.Text;

namespace Ledgerline.Http;

/// <summary>An answer as it goes over the wire: text of any type, with the headers that belong to it. Kept and sent again exactly.</summary>
public sealed record ExactAnswer(int Status, string ContentType, string Body) : IResult, IExact
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    ExactAnswer IExact.Exact => this;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        var bytes = Encoding.UTF8.GetBytes(Body);
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}

/// <summary>A result that knows every byte of its answer, also where it has been sent already.</summary>
public interface IExact
{
    ExactAnswer Exact { get; }
}
