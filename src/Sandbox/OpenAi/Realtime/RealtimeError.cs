namespace Sandbox.OpenAi.Realtime;

/// <summary>A client event that is refused; most leave the session open.</summary>
internal sealed class RealtimeError(string message, string? param = null, string? code = null) : Exception(message)
{
    public string? Param { get; } = param;
    public string? Code { get; } = code;

    public static RealtimeError Missing(string param) => new($"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    public static RealtimeError Unknown(string param) => new($"Unknown parameter: '{param}'.", param, "unknown_parameter");

    public static RealtimeError WrongType(string param, string expected, string got) =>
        new($"Invalid type for '{param}': expected {expected}, but got {got} instead.", param, "invalid_type");

    public static RealtimeError WrongValue(string param, string got, string supported) =>
        new($"Invalid value: '{got}'. Supported values are: {supported}.", param, "invalid_value");
}
