namespace Sandbox.Twilio;

/// <summary>A refusal in Twilio's words: <c>{code, message, more_info, status}</c>.</summary>
internal sealed class TwilioError(int status, int code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public object Body => Shape(Status, code, Message);

    public static TwilioError NotFound(string path) => new(404, 20404, $"The requested resource {path} was not found");

    public static object Shape(int status, int code, string message) => new
    {
        code,
        message,
        more_info = $"https://www.twilio.com/docs/errors/{code}",
        status,
    };

    /// <summary>The shape for a status alone, as a fault names it.</summary>
    public static object Shape(int status, string message) =>
        Shape(status, status switch { 401 => 20003, 404 => 20404, 429 => 20429, >= 500 => 20000 + status, _ => 20001 }, message);
}
