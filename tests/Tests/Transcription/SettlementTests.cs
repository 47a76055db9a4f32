using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>The provider's measure is what is charged, whatever was held before.</summary>
public sealed class SettlementTests
{
    [Theory, EveryDatabase]
    public async Task More_than_was_held_is_charged_and_what_is_missing_is_owed(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 2);
        await world.Says(new { usage = new { type = "duration", seconds = 60 }, duration = 59.5 });
        world.ExpectedViolations.Add("");

        var reply = await customer.Transcribe(Recordings.Wav(10, "Longer than you think."));

        Assert.Equal(
            """{"text":"Longer than you think.","duration_seconds":59.5,"credits_used":4,"credits_remaining":0}""", reply.Text);
        Assert.Equal((0, 2), await customer.Wallet());
        Assert.Equal([(-4, "transcribe: 59.5s")], await customer.Ledger("usage"));
        var usage = Assert.Single(await customer.Usage());
        Assert.Equal((4_000_000, 59_500, "provider_usage", 6000), (usage.CreditsMicro, usage.DurationMs, usage.Basis, usage.CostMicroUsd));

        // Who owes gets nothing more, not even for one credit.
        var refused = await customer.Transcribe(Recordings.Wav(1));
        Assert.Equal(402, refused.Status);
        Assert.Equal(0, refused.Detail.GetProperty("credits_available").GetInt64());
        var estimate = await customer.Get("/api/transcribe/estimate?duration_seconds=1");
        Assert.False(estimate.Body.GetProperty("can_afford").GetBoolean());
        Assert.Single(await world.Requests());

        // The next credits pay the debt first.
        await customer.Give(5);
        Assert.Equal((3, 0), await customer.Wallet());
        Assert.Equal(200, (await customer.Transcribe(Recordings.Wav(1))).Status);
        Assert.Equal((2, 0), await customer.Wallet());
    }

    [Theory, EveryDatabase]
    public async Task More_than_was_held_comes_from_what_is_free(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 10);
        await world.Says(new { usage = new { type = "duration", seconds = 60 } });
        world.ExpectedViolations.Add("");

        Assert.Equal(4, (await customer.Transcribe(Recordings.Wav(10))).Body.GetProperty("credits_used").GetInt64());
        Assert.Equal((6, 0), await customer.Wallet());
    }

    [Theory, EveryDatabase]
    public async Task Less_than_was_held_frees_the_rest(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 40);
        await world.Says(new { usage = new { type = "duration", seconds = 31 }, duration = 30.2 });

        var reply = await customer.Transcribe(Recordings.Wav(600, "Mostly silence."));

        Assert.Equal("""{"text":"Mostly silence.","duration_seconds":30.2,"credits_used":3,"credits_remaining":37}""", reply.Text);
        Assert.Equal((37, 0), await customer.Wallet());
    }

    [Theory]
    [InlineData("""{"usage":null,"duration":"31.5"}""", 3, "31.5", "provider_duration")]
    [InlineData("""{"usage":null,"duration":" 3.15E1 "}""", 3, "31.5", "provider_duration")]
    [InlineData("""{"usage":{"type":"tokens","input_tokens":9,"output_tokens":1,"total_tokens":10},"duration":16}""", 2, "16.0", "provider_duration")]
    [InlineData("""{"usage":null,"duration":8.470000267028809}""", 1, "8.470000267028809", "provider_duration")]
    [InlineData("""{"usage":{"type":"duration","seconds":"46"},"duration":null}""", 4, "20.0", "provider_usage")]
    [InlineData("""{"usage":null,"duration":null}""", 2, "20.0", "decoded")]
    [InlineData("""{"usage":{},"duration":null}""", 2, "20.0", "decoded")]
    [InlineData("""{"usage":null,"duration":0}""", 1, "0.0", "provider_duration")]
    [InlineData("""{"text":""}""", 2, "20.0", "provider_usage")]
    public async Task Every_way_to_state_a_length_is_understood(string answer, long credits, string shown, string basis)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);
        await world.Says(System.Text.Json.JsonDocument.Parse(answer).RootElement);
        world.ExpectedViolations.Add("");

        var reply = await customer.Transcribe(Recordings.Wav(20));

        Assert.Equal(200, reply.Status);
        Assert.Equal(credits, reply.Body.GetProperty("credits_used").GetInt64());
        Assert.Equal(shown, reply.Body.GetProperty("duration_seconds").GetRawText());
        Assert.Equal(basis, Assert.Single(await customer.Usage()).Basis);
        Assert.Equal((10 - credits, 0), await customer.Wallet());
    }
}
