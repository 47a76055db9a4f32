using System.Collections.Concurrent;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// What the agent asks to have done, beside the audio: each call once, to its end whatever the person says meanwhile, and for a failure
/// the agent gets words instead.
/// </summary>
internal sealed class ToolRuns(BridgeOrder order, AgentLine agent, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    // So long nobody minds a pause.
    private static readonly TimeSpan Unnoticed = TimeSpan.FromMilliseconds(1200);

    private readonly ConcurrentDictionary<string, bool> seen = new();

    /// <summary>False: it was asked before.</summary>
    public bool IsNew(ToolCall call) => seen.TryAdd(call.Id, true);

    public void Start(ToolCall call) => _ = Task.Run(() => Run(call));

    private async Task Run(ToolCall call)
    {
        var output = IsObject(call.Arguments) ? await Use(call) : Failed("The arguments are no JSON object. Correct them and call the tool again.");
        agent.Result(call, output);
    }

    private async Task<string> Use(ToolCall call)
    {
        using var limit = new CancellationTokenSource(Longest, clock);
        try
        {
            var work = order.UseTool(call.Name, call.Arguments, limit.Token).WaitAsync(limit.Token);
            if (await Task.WhenAny(work, Task.Delay(Unnoticed, clock, limit.Token)) != work)
            {
                agent.Note($"{call.Name} is still at work. Say in a few words that it takes a moment, and nothing of its result.", answer: true);
            }

            return await work;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            log.LogWarning("Call {CallId}: the tool {Tool} took longer than {Seconds} s", order.CallId, call.Name, Longest.TotalSeconds);
            return Failed("It took too long and may or may not have been done. Say so, and do not promise anything.");
        }
        catch (Exception failure)
        {
            log.LogError(failure, "Call {CallId}: the tool {Tool} failed", order.CallId, call.Name);
            return Failed("It failed and was not done. Say so and offer to try again later.");
        }
    }

    private static string Failed(string what) => JsonSerializer.Serialize(new { error = what });

    private static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
