namespace Sandbox.OpenAi;

/// <summary>A refusal in OpenAI's words: <c>{error: {message, type, param, code}}</c>, all four keys always there.</summary>
internal sealed class OpenAiError(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    public int Status { get; } = status;

    public object Body => Shape(Status, Message, param, code);

    public static object Shape(int status, string message, string? param = null, string? code = null) => new
    {
        error = new { message, type = status >= 500 ? "server_error" : TypeOf(status), param, code },
    };

    private static string TypeOf(int status) => status == 429 ? "requests" : "invalid_request_error";
}
