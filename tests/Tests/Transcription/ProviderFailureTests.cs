using System.Text.Json;
using Ledgerline.Usage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>A provider that fails, in whatever way, costs the customer nothing and leaves no trace in the books.</summary>
public sealed class ProviderFailureTests
{
    [Theory]
    [InlineData("""{"status":500}""")]
    [InlineData("""{"status":503,"when":"after"}""")]
    [InlineData("""{"status":429,"headers":{"retry-after":"1"}}""")]
    [InlineData("""{"status":401}""")]
    [InlineData("""{"status":400,"body":"not json"}""")]
    [InlineData("""{"status":302,"headers":{"location":"/elsewhere"}}""")]
    [InlineData("""{"status":204}""")]
    [InlineData("""{"drop":true}""")]
    [InlineData("""{"drop":true,"when":"after"}""")]
    [InlineData("""{"truncate":true}""")]
    [InlineData("""{"body":"<html><body>Welcome to our proxy</body></html>"}""")]
    [InlineData("""{"body":""}""")]
    [InlineData("""{"body":"null"}""")]
    [InlineData("""{"body":"[]"}""")]
    [InlineData("""{"body":"\"text\""}""")]
    [InlineData("""{"body":"{\"text\":\"half"}""")]
    [InlineData("""{"body":"{}"}""")]
    [InlineData("""{"body":"{\"text\":null,\"duration\":1}"}""")]
    [InlineData("""{"body":"{\"text\":{\"a\":1},\"duration\":1}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":-1}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":\"-0.1\"}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":NaN}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":\"NaN\"}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":\"Infinity\"}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":1e999}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":true}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":[1]}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":\"ten\"}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":641}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":20,\"usage\":{\"type\":\"duration\",\"seconds\":86400}}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":20,\"usage\":{\"type\":\"duration\",\"seconds\":-3}}"}""")]
    [InlineData("""{"body":"{\"text\":\"x\",\"duration\":20,\"usage\":7}"}""")]
    public async Task Every_failure_gives_everything_back(string fault)
    {
        await using var world = await TestWorld.Start();
        world.ExpectedViolations.Add("");
        var customer = await Customer.New(world, credits: 10);
        await world.Fails(JsonDocument.Parse(fault).RootElement);

        var reply = await customer.Transcribe(Recordings.Wav(20));

        Assert.Equal(500, reply.Status);
        Assert.Equal(
            """{"detail":{"error":"Transcription failed: the speech service could not transcribe this recording","code":"TRANSCRIPTION_FAILED"}}""",
            reply.Text);
        await customer.AssertUntouched(10);
        Assert.Equal(["released"], await customer.Holds());
        // A paid request is never sent a second time by itself.
        Assert.Single(await world.Requests());

        Assert.Equal(200, (await customer.Transcribe(Recordings.Wav(20))).Status);
        Assert.Equal((8, 0), await customer.Wallet());
    }

    [Fact]
    public async Task An_answer_of_many_megabytes_is_no_transcript()
    {
        await using var world = await TestWorld.Start();
        world.ExpectedViolations.Add("");
        var customer = await Customer.New(world, credits: 10);
        await world.Says(new { body = "{\"text\":\"" + new string('x', 9 * 1024 * 1024) + "\"}" });

        Assert.Equal("TRANSCRIPTION_FAILED", (await customer.Transcribe(Recordings.Wav(1))).Code);
        await customer.AssertUntouched(10);
    }

    [Theory, EveryDatabase]
    public async Task A_provider_that_does_not_answer_is_left_after_55_seconds(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 10);
        await world.IsSlow(TimeSpan.FromMinutes(5));
        var upload = customer.Transcribe(Recordings.Wav(20));
        await world.FaultsStruck();

        world.Clock.Advance(TimeSpan.FromSeconds(54));
        Assert.False(upload.IsCompleted);
        Assert.Equal((8, 0), await customer.Wallet());
        world.Clock.Advance(TimeSpan.FromSeconds(2));

        var reply = await upload;
        Assert.Equal(500, reply.Status);
        Assert.Equal(
            """{"detail":{"error":"Transcription failed: the speech service did not answer in time","code":"TRANSCRIPTION_FAILED"}}""", reply.Text);
        await customer.AssertUntouched(10);
    }

    [Fact]
    public async Task A_provider_that_stops_in_the_middle_of_its_answer_is_left_too()
    {
        await using var provider = await StandInProvider.Start(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{\"text\":\"be");
            await context.Response.Body.FlushAsync();
            await StandInProvider.Silence(context);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var customer = await Customer.New(world, credits: 10);
        var upload = customer.Transcribe(Recordings.Wav(20));
        await provider.WasAsked();

        world.Clock.Advance(TimeSpan.FromSeconds(56));

        Assert.Contains("did not answer in time", (await upload).Text, StringComparison.Ordinal);
        await customer.AssertUntouched(10);
    }

    [Fact]
    public async Task A_provider_that_is_not_there_charges_nothing()
    {
        await using var world = await TestWorld.Start(settings: new() { ["OPENAI_BASE_URL"] = "http://127.0.0.1:9", ["OPENAI_API_KEY"] = "sk-test" });
        var customer = await Customer.New(world, credits: 10);

        Assert.Equal("TRANSCRIPTION_FAILED", (await customer.Transcribe(Recordings.Wav(20))).Code);
        await customer.AssertUntouched(10);
    }

    [Theory, EveryDatabase]
    public async Task A_database_that_stumbles_while_it_settles_is_asked_again(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 10);
        var trouble = await DatabaseTrouble.With(world, engine);
        await trouble.Begin();

        var upload = customer.Transcribe(Recordings.Wav(20, "Said once."));
        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains("could not be booked at attempt 1", StringComparison.Ordinal))), "a first attempt failed");
        await trouble.End();
        world.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("""{"text":"Said once.","duration_seconds":20.0,"credits_used":2,"credits_remaining":8}""", (await upload).Text);
        Assert.Equal((8, 0), await customer.Wallet());
        Assert.Single(await customer.Usage());
    }

    [Theory]
    [InlineData("sqlite", true), InlineData("sqlite", false), InlineData("postgres", true), InlineData("postgres", false)]
    public async Task What_cannot_be_settled_in_time_is_settled_when_the_database_is_back(string engine, bool withinTheHold)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 10);
        var trouble = await DatabaseTrouble.With(world, engine);
        await trouble.Begin();

        var upload = customer.Transcribe(Recordings.Wav(20, "Said once."), key: "try");
        // Time stands still until the provider has answered: it, too, has a limit.
        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains("could not be booked at attempt 1", StringComparison.Ordinal))), "a first attempt failed");
        await TestWorld.Until(
            () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(upload.IsCompleted);
            },
            "the customer has an answer");

        var reply = await upload;
        Assert.Equal((500, """{"detail":"An unexpected error occurred. Please try again later."}"""), (reply.Status, reply.Text));
        Assert.Equal(1, world.Services.GetRequiredService<Bookkeeping>().Waiting);
        Assert.Equal((8, 0), await customer.Wallet());

        // The database is down for longer than the hold lasts: what was used is charged all the same.
        if (!withinTheHold)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(11));
            await TestWorld.Until(async () => (await customer.Holds()) is ["expired"], "the sweeper gave the hold back");
        }
        else
        {
            // Who asks again before that shall not pay twice.
            Assert.Equal(409, (await customer.Transcribe(Recordings.Wav(20, "Said once."), key: "try")).Status);
        }

        await trouble.End();
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return (await customer.Usage()).Count == 1;
            },
            "the usage is booked");
        Assert.Equal((8, 0), await customer.Wallet());
        Assert.Equal(["captured"], await customer.Holds());
        Assert.Equal(0, world.Services.GetRequiredService<Bookkeeping>().Waiting);
        if (withinTheHold)
        {
            var again = await customer.Transcribe(Recordings.Wav(20, "Said once."), key: "try");
            Assert.Equal((200, true, "Said once."), (again.Status, again.Replayed, again.Body.GetProperty("text").GetString()));
            Assert.Equal((8, 0), await customer.Wallet());
        }
    }
}
