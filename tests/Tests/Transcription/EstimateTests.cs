using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>What a recording would cost, from the length alone.</summary>
public sealed class EstimateTests
{
    private const string Route = "/api/transcribe/estimate";

    [Theory, EveryDatabase]
    public async Task An_estimate_is_what_will_be_charged(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 3);

        async Task Says(string value, string answer)
        {
            var reply = await customer.Get($"{Route}?duration_seconds={value}");
            Assert.Equal((200, answer), (reply.Status, reply.Text));
        }

        await Says("31", """{"duration_seconds":31.0,"credits_needed":3,"credits_available":3,"can_afford":true}""");
        await Says("31.0", """{"duration_seconds":31.0,"credits_needed":3,"credits_available":3,"can_afford":true}""");
        await Says("0", """{"duration_seconds":0.0,"credits_needed":1,"credits_available":3,"can_afford":true}""");
        await Says("-0", """{"duration_seconds":0.0,"credits_needed":1,"credits_available":3,"can_afford":true}""");
        await Says("0.1", """{"duration_seconds":0.1,"credits_needed":1,"credits_available":3,"can_afford":true}""");
        await Says("15.000", """{"duration_seconds":15.0,"credits_needed":1,"credits_available":3,"can_afford":true}""");
        await Says("15.0000000000001", """{"duration_seconds":15.0000000000001,"credits_needed":2,"credits_available":3,"can_afford":true}""");
        await Says("4.5e1", """{"duration_seconds":45.0,"credits_needed":3,"credits_available":3,"can_afford":true}""");
        await Says("45.01", """{"duration_seconds":45.01,"credits_needed":4,"credits_available":3,"can_afford":false}""");
        await Says("600", """{"duration_seconds":600.0,"credits_needed":40,"credits_available":3,"can_afford":false}""");
        await Says("86400", """{"duration_seconds":86400.0,"credits_needed":5760,"credits_available":3,"can_afford":false}""");
        await customer.AssertUntouched(3);
    }

    [Theory]
    [InlineData("", "Field required")]
    [InlineData("?other=1", "Field required")]
    [InlineData("?Duration_Seconds=1", "Field required")]
    [InlineData("?duration_seconds=", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=NaN", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=Infinity", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=-Infinity", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=inf", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=%E2%88%9E", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=1e400", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=99999999999999999999999999999999999", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=ten", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=0x10", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=1,5", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=1%2C000", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=+1+", "Input should be a finite number of seconds")]
    [InlineData("?duration_seconds=-5", "Input should be greater than or equal to 0")]
    [InlineData("?duration_seconds=-0.001", "Input should be greater than or equal to 0")]
    [InlineData("?duration_seconds=86400.1", "Input should be less than or equal to 86400")]
    [InlineData("?duration_seconds=1e20", "Input should be less than or equal to 86400")]
    [InlineData("?duration_seconds=1&duration_seconds=2", "Give one value, not several")]
    public async Task A_length_that_is_none_is_invalid(string query, string sentence)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 3);

        var reply = await customer.Get(Route + query);

        Assert.Equal(422, reply.Status);
        Assert.Equal(("query.duration_seconds", sentence), reply.Fault);
    }
}
