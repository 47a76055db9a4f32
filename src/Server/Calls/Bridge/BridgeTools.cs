using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the bridge does for the agent itself; whoever opens a session offers it beside the scenario's own tools.</summary>
internal static class BridgeTools
{
    public static readonly ChatTool EndCall = new(
        "end_call", "Hangs up, once your goodbye has been heard. Say goodbye first, and call this in the same answer.", """{"type":"object","properties":{}}""");
}
