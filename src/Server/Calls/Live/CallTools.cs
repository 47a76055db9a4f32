using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;

namespace Ledgerline.Calls.Live;

/// <summary>What the agent can do besides talking.</summary>
internal sealed class CallTools(DoNotCall doNotCall)
{
    private const string StopCalling = "do_not_call_again";

    private static readonly IReadOnlyList<ChatTool> OnOurCalls =
    [
        new(
            StopCalling,
            "Use it when the person asks not to be called any more. They will not be.",
            """{"type":"object","properties":{"reason":{"type":"string"}},"additionalProperties":false}"""),
    ];

    /// <summary>What the agent may do on this call.</summary>
    public static IReadOnlyList<ChatTool> For(CallRow call) => call.Direction == CallDirection.Outbound ? OnOurCalls : [];

    /// <summary>Answers what the agent is told of it; what fails is told as a sentence too.</summary>
    public async Task<string> Use(CallRow call, string name, string arguments, CancellationToken stop)
    {
        switch (name)
        {
            case StopCalling when call.Direction == CallDirection.Outbound:
                await doNotCall.Add(call.AccountId, call.PhoneNumber, Reason(arguments), stop);
                return """{"status":"noted","say":"They will not be called again."}""";
            default:
                return """{"status":"unknown","say":"There is no such tool."}""";
        }
    }

    // What the model wrote may be no JSON at all: the wish counts all the same.
    private static string? Reason(string arguments)
    {
        try
        {
            using var read = JsonDocument.Parse(arguments);
            return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String
                ? reason.GetString() is { Length: > 0 } text ? text[..Math.Min(200, text.Length)] : null
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
