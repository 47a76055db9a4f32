using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>What others than the person's voice tell the agent.</summary>
public sealed class SteeringTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_reach_the_agent_where_the_scenario_takes_them(bool takes)
    {
        await using var line = await Line.Start();
        line.TakesDtmf = takes;
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await phone.Dtmf('1');
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 2), "it has come");
        if (takes)
        {
            var item = (await model.Next("conversation.item.create")).GetProperty("item");
            Assert.Equal("""{"type":"message","role":"user","content":[{"type":"input_text","text":"[caller pressed 1]"}]}""", item.GetRawText());
            await model.Next("response.create");
        }

        Assert.True(model.IsSilent);
    }

    [Fact]
    public async Task Whoever_steers_speaks_to_the_agent_alone()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        Assert.True(line.Live.Note(line.Live.Ids.Single(), "Offer ten percent."));
        var item = (await model.Next("conversation.item.create")).GetProperty("item");
        Assert.Equal("""{"type":"message","role":"system","content":[{"type":"input_text","text":"Offer ten percent."}]}""", item.GetRawText());
        await model.Next("response.create");
        Assert.True(line.Live.End(line.Live.Ids.Single(), "hung_up"));
        Assert.Equal("hung_up", (await line.End()).Reason);
        Assert.False(line.Live.Note(1, "Too late."));
        Assert.False(line.Live.End(1, "hung_up"));
    }
}
