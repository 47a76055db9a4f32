using System.Text.Json;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;
using Tests.Calls.CustomScenarios;
using Tests.Identity;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Calls.Browser;

/// <summary>Talks in a browser as the web client would.</summary>
internal static class Browsers
{
    public const string Offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n";

    public static async Task<Caller> Subscriber(this TestWorld world, string plan = "basic_monthly")
    {
        var caller = await Caller.Business(world);
        await world.Subscribe(caller, plan);
        return caller;
    }

    /// <summary>The new session's id.</summary>
    public static async Task<string> BeginTalk(this Caller caller, object? body = null)
    {
        var made = await caller.Json(HttpMethod.Post, "/realtime/session", body ?? new { scenario = "default" });
        Assert.Equal("stun:stun.l.google.com:19302", made.GetProperty("ice_servers")[0].GetProperty("urls")[0].GetString());
        return made.Text("session_id")!;
    }

    public static Task<HttpResponseMessage> Signal(this Caller caller, string session, string? sdp = Offer, string type = "offer") =>
        caller.Send(HttpMethod.Post, "/realtime/signal", new { type, sdp, session_id = session });

    /// <summary>The provider's answer, in the contract's own shape.</summary>
    public static async Task<string> Answered(this Caller caller, string session)
    {
        var answer = await caller.Json(HttpMethod.Post, "/realtime/signal", new { type = "offer", sdp = Offer, session_id = session });
        Assert.Equal(["type", "sdp", "ice_servers", "error"], answer.EnumerateObject().Select(field => field.Name));
        Assert.Equal("answer", answer.Text("type"));
        Assert.StartsWith("v=0", answer.Text("sdp"), StringComparison.Ordinal);
        return answer.Text("sdp")!;
    }

    /// <summary>What the provider knows of the calls, the newest first.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ModelCalls(this TestWorld world) =>
        [.. (await world.Control("/_sandbox/openai/realtime/sessions")).EnumerateArray().Where(one => one.GetProperty("call_id").ValueKind == JsonValueKind.String)];

    public static async Task<JsonElement> ModelCall(this TestWorld world) => Assert.Single(await world.ModelCalls());

    public static Task<long> TalkRows(this TestWorld world) => world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM browser_calls"));

    public static Task Ended(this TestWorld world) => TestWorld.Until(async () => await world.TalkRows() == 0, "the session is removed");

    /// <summary>Minutes of the plan that are used or reserved.</summary>
    public static async Task<long> Minutes(this TestWorld world, Caller caller) =>
        (await world.Services.GetRequiredService<Entitlements>().Of(caller.Id)).VoiceMinutes!.Used;

    /// <summary>Minutes as they stand in the books.</summary>
    public static Task<IReadOnlyList<long>> Recorded(this TestWorld world, Caller caller) => world.Database.Read(session => session.List<long>(
        "SELECT amount FROM service_usage WHERE account_id = @Id AND service = 'voice_call'", new { caller.Id }));

    /// <summary>Lets the time pass in steps, so that everybody's clocks strike.</summary>
    public static async Task Pass(this TestWorld world, int seconds, int step = 5)
    {
        for (var passed = 0; passed < seconds; passed += step)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(Math.Min(step, seconds - passed)));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }
}
