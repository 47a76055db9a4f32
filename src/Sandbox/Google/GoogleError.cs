namespace Sandbox.Google;

/// <summary>A refusal of the OAuth endpoints: <c>{error, error_description}</c>.</summary>
internal sealed class GoogleError(string error, string description, int status = 400) : Exception(description)
{
    public int Status { get; } = status;

    public string Code => error;

    public object Body => new { error, error_description = Message };

    /// <summary>The other shape, of the APIs behind a bearer token.</summary>
    public static object ApiShape(int status, string message) => new
    {
        error = new { code = status, message, status = status switch { 401 => "UNAUTHENTICATED", 403 => "PERMISSION_DENIED", 429 => "RESOURCE_EXHAUSTED", 503 => "UNAVAILABLE", _ => "UNKNOWN" } },
    };
}
