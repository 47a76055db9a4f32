using System.Text.Json;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Whole calls: a person at the carrier's end, the model at the other, everything of ours between.</summary>
public sealed class ConversationTests
{
    private const decimal Greeting = 2500;

    [Fact]
    public async Task A_person_and_the_model_talk_and_everything_is_written_down()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        var sid = await company.Call();

        var line = await world.Until(sid, call => Heard(call).Count >= 2, "the person hears the greeting and an answer");
        var own = line.GetProperty("tone_hz").GetDecimal();
        var heard = Heard(line);
        Assert.InRange(heard[0], Greeting - 25, Greeting + 25);
        Assert.All(heard.Skip(1), tone => Assert.True(Math.Abs(tone - own - 1600) < 25 || Math.Abs(tone - Greeting) < 25, $"{tone} Hz is nobody's in this call of {own} Hz"));
        await company.Until(sid, call => call.GetProperty("transcript").GetArrayLength() >= 3, "both sides are written down");
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });

        var call = await company.Settled(sid);
        var speakers = call.GetProperty("transcript").EnumerateArray().Select(spoken => spoken.Text("speaker")).ToList();
        Assert.Equal("agent", speakers[0]);
        Assert.Contains("customer", speakers);
        await company.Until(sid, shown => shown.GetProperty("media").ValueKind == JsonValueKind.Object, "what the bridge saw is written down");
        Assert.Equal("completed", call.Text("status"));
        await TestWorld.Until(async () => (await Sessions(world)).All(session => session.TryGetProperty("ended_by", out var by) && by.ValueKind == JsonValueKind.String), "no model listens any more");
    }

    [Fact]
    public async Task Eight_calls_at_once_hear_only_their_own()
    {
        await using var world = await Lines.World("postgres");
        var company = await world.Company();
        await company.Subscribe("business_enterprise");
        var sids = await Task.WhenAll(Enumerable.Range(0, 8).Select(call => company.Call($"+1415555{5000 + call}")));

        foreach (var sid in sids)
        {
            var line = await world.Until(sid, call => Heard(call).Any(tone => Math.Abs(tone - call.GetProperty("tone_hz").GetDecimal() - 1600) < 25), "an answer is heard");
            var own = line.GetProperty("tone_hz").GetDecimal();
            Assert.All(Heard(line), tone => Assert.True(Math.Abs(tone - own - 1600) < 25 || Math.Abs(tone - Greeting) < 25, $"{tone} Hz is nobody's in this call of {own} Hz"));
            await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        }

        foreach (var sid in sids)
        {
            await company.Settled(sid);
        }

        Assert.Equal(8, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task The_model_is_opened_while_it_rings_and_closed_when_nobody_answers()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        var sid = await company.Call("+14155550002");
        await TestWorld.Until(async () => (await Sessions(world)).Count == 1, "the model is opened");
        Assert.Equal("ringing", (await world.Line(sid)).Text("status"));

        world.Clock.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal("no-answer", (await company.Settled(sid)).Text("status"));
        await TestWorld.Until(async () => (await Sessions(world))[0].TryGetProperty("ended_by", out var by) && by.ValueKind == JsonValueKind.String, "it is closed");
        Assert.Equal(4, (await company.Stats()).Number("trial_calls_remaining"));
    }

    private static List<decimal> Heard(JsonElement line) =>
    [
        .. line.GetProperty("heard").EnumerateArray().SelectMany(stretch => stretch.GetProperty("tones_hz").EnumerateArray().Select(tone => tone.GetDecimal())),
    ];

    private static async Task<IReadOnlyList<JsonElement>> Sessions(TestWorld world) =>
        [.. (await world.Control("/_sandbox/openai/realtime/sessions")).EnumerateArray()];
}
