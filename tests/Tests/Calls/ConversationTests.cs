using System.Text.Json;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Whole conversations: the sandbox's person on one side, its model on the other, and the product between them.</summary>
public sealed class ConversationTests
{
    private const decimal Greeting = 2500;
    private const decimal Interval = 1600;

    [Fact]
    public async Task The_agent_greets_hears_and_answers_and_everything_is_written_down()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        var sid = await company.Call();

        var line = await world.Until(sid, line => Heard(line).Distinct().Count() >= 2, "the person has heard a greeting and an answer");
        var tone = line.GetProperty("tone_hz").GetDecimal();
        Assert.Equal([Greeting, tone + Interval], Heard(line).Distinct().Take(2));
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        await company.Settled(sid);
        Assert.All((await Sessions(world)).Single().GetProperty("heard").EnumerateArray(), one => Assert.Contains(tone, Tones(one)));

        var lines = await world.Database.Read(session => session.List<string>("SELECT speaker FROM call_lines ORDER BY number"));
        Assert.Contains("agent", lines);
        Assert.Contains("customer", lines);
    }

    [Fact]
    public async Task Twenty_calls_at_once_hear_their_own_answers_only()
    {
        await using var world = await Lines.World();
        await world.Control("/_sandbox/twilio/dialling", new { ring_seconds = 0, calls_per_second = 100 });
        var companies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.Company()));
        var sids = (await Task.WhenAll(companies.Select(async (company, i) => new[] { await company.Call($"+1415555{2000 + i}"), await company.Call($"+1415555{3000 + i}") }))).SelectMany(two => two).ToList();

        foreach (var sid in sids)
        {
            var line = await world.Until(sid, line => Heard(line).Distinct().Count() >= 2, "everybody has heard an answer");
            Assert.Subset(new HashSet<decimal> { Greeting, line.GetProperty("tone_hz").GetDecimal() + Interval }, Heard(line).ToHashSet());
        }

        foreach (var sid in sids)
        {
            await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        }

        Assert.Equal(20, (await Sessions(world)).Count);
    }

    private static IEnumerable<decimal> Heard(JsonElement line) => line.GetProperty("heard").EnumerateArray().SelectMany(Tones);

    private static IEnumerable<decimal> Tones(JsonElement stretch) => stretch.GetProperty("tones_hz").EnumerateArray().Select(tone => tone.GetDecimal());

    private static async Task<IReadOnlyList<JsonElement>> Sessions(TestWorld world) => [.. (await world.Control("/_sandbox/openai/realtime/sessions")).EnumerateArray()];
}
