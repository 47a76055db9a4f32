using Sandbox.Core;

namespace Sandbox.Turso;

/// <summary>One request of a pipeline failed; the others run all the same, and the HTTP status stays 200.</summary>
internal sealed class HranaError(string message, string? code) : Exception(message)
{
    public object Shape => new { message = Message, code };
}

/// <summary>The whole pipeline is refused, and its stream with it.</summary>
internal sealed class HranaRefusal : Exception
{
    private HranaRefusal(IResult answer) => Answer = answer;

    public IResult Answer { get; }

    public static HranaRefusal InvalidBaton() => new(Results.Text("Received an invalid baton", "text/plain", statusCode: 400));

    public static HranaRefusal Unreadable(string reason) => new(Results.Text(reason, "text/plain", statusCode: 400));

    public static HranaRefusal Expired() => new(Json.Answer(new { message = "The stream has expired due to inactivity", code = "STREAM_EXPIRED" }, 400));

    public static HranaRefusal Unauthorized(string message, string code) => new(Json.Answer(new { message, code }, 401));
}
