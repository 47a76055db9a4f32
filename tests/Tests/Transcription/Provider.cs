using System.Text.Json;
using Tests.World;

namespace Tests.Transcription;

/// <summary>The sandbox's OpenAI as a test scripts and watches it.</summary>
internal static class Provider
{
    /// <summary>What reached the provider, newest first.</summary>
    public static async Task<IReadOnlyList<JsonElement>> Requests(this TestWorld world) =>
        [.. (await world.Control("/_sandbox/requests?provider=openai&limit=1000")).EnumerateArray()];

    /// <summary>The fields of the newest upload, as the provider read them.</summary>
    public static async Task<JsonElement> Heard(this TestWorld world) =>
        JsonDocument.Parse((await world.Requests())[0].GetProperty("body").GetString()!).RootElement;

    /// <summary>What the next transcription says instead: a null leaves the field out.</summary>
    public static Task Says(this TestWorld world, object answer) => world.Control("/_sandbox/openai/next", answer);

    /// <summary>What goes wrong with the next transcription.</summary>
    public static Task Fails(this TestWorld world, object fault)
    {
        var all = JsonSerializer.SerializeToNode(fault)!.AsObject();
        all["provider"] = "openai";
        return world.Control("/_sandbox/faults", all);
    }

    /// <summary>The provider takes the request and then takes its time.</summary>
    public static Task IsSlow(this TestWorld world, TimeSpan delay, int times = 1) =>
        world.Fails(new { delay_ms = (int)delay.TotalMilliseconds, times });

    /// <summary>Waits until every fault has met its request: what was to be asked of the provider has been asked.</summary>
    public static Task FaultsStruck(this TestWorld world) => TestWorld.Until(
        async () => (await world.Control("/_sandbox/faults")).GetArrayLength() == 0, "the provider was asked");
}
