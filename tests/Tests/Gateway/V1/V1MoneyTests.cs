using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>Who pays, how much, and what the answer says when nobody does.</summary>
public sealed class V1MoneyTests
{
    [Fact]
    public async Task Without_credits_nobody_is_asked_and_the_answer_says_what_is_missing()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 2);

        var reply = await caller.Transcribe(Recordings.Wav(31));

        Refused(reply, "insufficient_credits", """{"limit_source":"balance","needed":3,"available":2}""");
        Assert.Equal(2, reply.Balance);
        Assert.Empty(await world.Requests());
        await caller.Owner.AssertUntouched(2);
    }

    [Theory, EveryDatabase]
    public async Task Of_forty_at_once_on_a_limit_for_five_five_are_admitted(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 1000, limit: 5);
        var recording = Recordings.Wav(1);

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => caller.Transcribe(recording)));

        Assert.Equal(5, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply =>
        {
            Assert.Equal(402, reply.Status);
            Assert.Contains(reply.Code, new[] { "in_flight_budget_exhausted", "key_limit_reached" });
            Assert.Equal("key", reply.Error.GetProperty("metadata").GetProperty("limit_source").GetString());
        });
        Assert.Equal((995, 0), await caller.Owner.Wallet());
        Refused(await caller.Transcribe(recording), "key_limit_reached", """{"limit_source":"key","needed":1,"available":0}""");
        // The limit is the key's: its owner and another key go on.
        Assert.Equal(200, (await V1Caller.Person(world, caller.Owner).Transcribe(recording)).Status);
        Assert.Equal(200, (await (await V1Caller.Of(world, caller.Owner, limit: 1)).Transcribe(recording)).Status);
        Assert.Equal(5, await Spent(caller));
    }

    [Fact]
    public async Task Two_nodes_keep_one_limit()
    {
        await using var world = await TestWorld.Start("postgres");
        using var second = await world.StartNode();
        var caller = await V1Caller.New(world, credits: 1000, limit: 5);
        var recording = Recordings.Wav(1);

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(
            number => caller.Send(V1Caller.Transcriptions, recording, node: number % 2 == 0 ? world.Client : second)));

        Assert.Equal(5, replies.Count(reply => reply.Status == 200));
        Assert.Equal((995, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task What_runs_counts_and_is_told_apart_from_what_is_spent()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("""{"text":"At last.","usage":{"type":"duration","seconds":31}}""");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 5, limit: 4);
        var person = V1Caller.Person(world, caller.Owner);
        var first = caller.Transcribe(Recordings.Wav(31));
        await provider.WasAsked();

        Refused(await caller.Transcribe(Recordings.Wav(16)), "in_flight_budget_exhausted", """{"limit_source":"key","needed":2,"available":1}""");
        Refused(await caller.Transcribe(Recordings.Wav(61)), "request_exceeds_budget", """{"limit_source":"key","needed":5,"available":1}""");
        Refused(await person.Transcribe(Recordings.Wav(31)), "in_flight_budget_exhausted", """{"limit_source":"balance","needed":3,"available":2}""");
        Refused(await person.Transcribe(Recordings.Wav(91)), "insufficient_credits", """{"limit_source":"balance","needed":7,"available":2}""");

        answer.SetResult();
        Assert.Equal(200, (await first).Status);
        Refused(await caller.Transcribe(Recordings.Wav(16)), "key_limit_reached", """{"limit_source":"key","needed":2,"available":1}""");
        Assert.Equal(1, provider.Asked);
    }

    [Fact]
    public async Task What_the_provider_did_not_do_does_not_count_against_the_key()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 100, limit: 1);
        await world.Fails(new { status = 500, times = 3 });

        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(502, (await caller.Transcribe(Recordings.Wav(1))).Status);
        }

        Assert.Equal(0, await Spent(caller));
        Assert.Equal(200, (await caller.Transcribe(Recordings.Wav(1))).Status);
        Assert.Equal(1, await Spent(caller));
        Assert.Equal("key_limit_reached", (await caller.Transcribe(Recordings.Wav(1))).Code);
    }

    [Fact]
    public async Task What_the_provider_measures_beyond_the_hold_is_charged_and_shown()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10, limit: 1);
        await world.Says(new { usage = new { type = "duration", seconds = 46 } });

        var reply = await caller.Transcribe(Recordings.Wav(1));

        Assert.Equal((200, 4m, 6m), (reply.Status, reply.Cost, reply.Balance));
        Assert.Equal(4, await Spent(caller));
        Refused(await caller.Transcribe(Recordings.Wav(1)), "key_limit_reached", """{"limit_source":"key","needed":1,"available":0}""");
    }

    [Theory]
    [InlineData(400, null, 400)]
    [InlineData(401, null, 503)]
    [InlineData(404, null, 503)]
    [InlineData(413, null, 413)]
    [InlineData(429, "5", 503)]
    [InlineData(500, null, 502)]
    [InlineData(503, null, 502)]
    public async Task A_provider_that_fails_costs_nothing_and_is_told_in_OpenAIs_shape(int status, string? wait, int answered)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Fails(wait is null ? new { status } : new { status, headers = new Dictionary<string, string> { ["retry-after"] = wait } });

        var reply = await caller.Transcribe(Recordings.Wav(1));

        Assert.Equal(answered, reply.Status);
        Assert.Equal(status is 401 or 404 ? "false" : null, reply.Headers.GetValueOrDefault("x-should-retry"));
        Assert.Equal(wait, reply.Headers.GetValueOrDefault("Retry-After"));
        await caller.Owner.AssertUntouched(10);
        Assert.Equal(["released"], await caller.Owner.Holds());
    }

    [Theory]
    [InlineData("""{"error":{"message":"The audio is sung, not spoken.","type":"invalid_request_error","param":"file","code":"sung"}}""", "The audio is sung, not spoken.", "file", "sung")]
    [InlineData("""{"error":{"message":"Not with sk-stand-in.","type":"invalid_request_error","param":"sk-stand-in","code":null}}""", "The speech service does not take this request.", null, null)]
    [InlineData("nonsense", "The speech service does not take this request.", null, null)]
    public async Task What_the_author_of_a_request_can_mend_is_told_in_the_providers_words(string body, string message, string? param, string? code)
    {
        await using var provider = await StandInProvider.Start(async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(body);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1));

        Assert.Equal((400, message, param, code), (reply.Status, reply.Error.GetProperty("message").GetString(), reply.Param, reply.Code));
        await caller.Owner.AssertUntouched(10);
    }

    [Theory]
    [InlineData("json", """{"duration":1}""")]
    [InlineData("json", """{"text":"x","usage":{"type":"duration","seconds":100000}}""")]
    [InlineData("verbose_json", "not json")]
    [InlineData("text", "zero \0 byte")]
    public async Task What_is_no_transcript_is_not_paid_for(string format, string body)
    {
        await using var provider = await StandInProvider.Start(context => context.Response.WriteAsync(body));
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1), ("response_format", format));

        Assert.Equal((502, "provider_error"), (reply.Status, reply.Code));
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_provider_that_says_nothing_is_given_up_after_110_seconds()
    {
        await using var provider = await StandInProvider.Start(StandInProvider.Silence);
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        var asking = caller.Transcribe(Recordings.Wav(1));
        await provider.WasAsked();

        world.Clock.Advance(TimeSpan.FromSeconds(111));

        var reply = await asking;
        Assert.Equal((504, "provider_timeout"), (reply.Status, reply.Code));
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task Who_goes_while_the_provider_works_pays_for_the_work()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("Nobody hears this.");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using var hangUp = new CancellationTokenSource();
        var asking = caller.Send(V1Caller.Transcriptions, Recordings.Wav(31), [("response_format", "text")], stop: hangUp.Token);
        await provider.WasAsked();

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains("has gone", StringComparison.Ordinal))), "the server noticed");
        answer.SetResult();

        await TestWorld.Until(async () => (await caller.Owner.Usage()).Count == 1, "the work was recorded");
        Assert.Equal(("client_gone", "decoded"), ((await caller.Owner.Usage())[0].Reason, (await caller.Owner.Usage())[0].Basis));
        Assert.Equal((7, 0), await caller.Owner.Wallet());
    }

    private static void Refused(V1Reply reply, string code, string metadata)
    {
        Assert.Equal((402, code, "false"), (reply.Status, reply.Code, reply.Headers.GetValueOrDefault("x-should-retry")));
        Assert.Equal(metadata, JsonSerializer.Serialize(reply.Error.GetProperty("metadata")));
    }

    private static async Task<decimal> Spent(V1Caller caller)
    {
        var keys = (await caller.Owner.Get("/api/keys")).Body.EnumerateArray();
        return keys.Single(key => key.GetProperty("id").GetString() == caller.KeyId).GetProperty("spent_credits").GetDecimal();
    }
}
