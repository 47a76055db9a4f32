using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tests.Specs;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>Text as it is made: passed on as it comes, charged at its end, and never free once something was delivered.</summary>
public sealed class V1StreamTests
{
    private const string Words = "Good morning. This is a test.";
    private const string Delta = "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Good\"}\n\n";
    private const string Done =
        "data: {\"type\":\"transcript.text.done\",\"text\":\"Good\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":2,\"total_tokens\":16}}\n\n";

    private static readonly (string, string)[] Streaming = [("model", "gpt-4o-transcribe"), ("stream", "true")];

    [Fact]
    public async Task The_events_are_the_providers_and_the_last_says_what_they_cost()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(30.5m, Words), Streaming);

        Assert.Equal((200, "text/event-stream; charset=utf-8"), (reply.Status, reply.ContentType));
        var events = Events(reply);
        Assert.Equal(Words, string.Concat(events.SkipLast(1).Select(one => one.GetProperty("delta").GetString())));
        Assert.Equal(Words, events[^1].GetProperty("text").GetString());
        var usage = events[^1].GetProperty("usage");
        Assert.Equal(("tokens", 3m, 7m), (usage.GetProperty("type").GetString(), usage.GetProperty("cost_credits").GetDecimal(), usage.GetProperty("balance_credits").GetDecimal()));
        Assert.Equal(("decoded", "done"), ((await caller.Owner.Usage())[0].Basis, (await caller.Owner.Usage())[0].Reason));
        Assert.Equal((7, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task A_model_that_does_not_stream_answers_at_once()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1, Words), ("stream", "true"));

        Assert.Equal((Words, 1m), (reply.Body.GetProperty("text").GetString(), reply.Cost));
    }

    [Fact]
    public async Task What_is_made_arrives_while_more_is_being_made()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Provider(async context =>
        {
            // In two halves: an event is passed on when it is whole.
            await Write(context, Delta[..20]);
            await Write(context, Delta[20..]);
            await rest.Task;
            await Write(context, Done);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using var request = caller.Request(V1Caller.Transcriptions, Recordings.Wav(1), Streaming, []);
        using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(stream);

        Assert.Equal(Delta.TrimEnd(), await reader.ReadLineAsync());
        Assert.Equal((9, 0), await caller.Owner.Wallet());
        Assert.Empty(await caller.Owner.Usage());
        rest.SetResult();
        Assert.Contains("\"cost_credits\":1", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Single(await caller.Owner.Usage());
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("short")]
    [InlineData("error")]
    [InlineData("slow")]
    public async Task A_stream_that_breaks_after_its_first_event_is_paid_by_its_length_and_says_so(string how)
    {
        var delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Provider(async context =>
        {
            await Write(context, Delta);
            await delivered.Task;
            switch (how)
            {
                case "cut":
                    context.Abort();
                    break;
                case "error":
                    await Write(context, "data: {\"error\":{\"message\":\"secret details\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");
                    break;
                case "slow":
                    await StandInProvider.Silence(context);
                    break;
            }
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using var request = caller.Request(V1Caller.Transcriptions, Recordings.Wav(31), Streaming, [("Idempotency-Key", "one")]);
        using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        delivered.SetResult();
        if (how == "slow")
        {
            world.Clock.Advance(TimeSpan.FromSeconds(111));
        }

        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(
            Delta + "data: {\"error\":{\"message\":\"The stream of the speech service broke off.\",\"type\":\"server_error\",\"param\":null,\"code\":\"provider_error\"}}\n\n", text);
        var usage = Assert.Single(await caller.Owner.Usage());
        Assert.Equal(("decoded", how == "slow" ? "time_out" : "upstream_error", 31_000L), (usage.Basis, usage.Reason, usage.DurationMs));
        Assert.Equal((7, 0), await caller.Owner.Wallet());
        // It was paid for, so it is the answer to its key for ever.
        using var repeated = caller.Request(V1Caller.Transcriptions, Recordings.Wav(31), Streaming, [("Idempotency-Key", "one")]);
        var again = await Reply.Of(world.Client.SendAsync(repeated));
        Assert.Equal((200, true, text), (again.Status, again.Replayed, again.Text));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("error")]
    [InlineData("nothing")]
    public async Task A_stream_that_breaks_before_its_first_event_costs_nothing(string how)
    {
        await using var provider = await Provider(async context =>
        {
            await context.Response.StartAsync();
            if (how == "cut")
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
            else if (how == "error")
            {
                await Write(context, "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");
            }
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(31), Streaming);

        Assert.Equal((502, "provider_error"), (reply.Status, reply.Code));
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task What_the_provider_claims_beyond_belief_is_charged_by_length_once_it_was_delivered()
    {
        await using var provider = await Provider(async context =>
        {
            await Write(context, Delta);
            await Write(context, "data: {\"type\":\"transcript.text.done\",\"text\":\"Good\",\"usage\":{\"type\":\"duration\",\"seconds\":90000}}\r\n\r\n");
            await Write(context, "data: [DONE]\n\n");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!) { ["OPENAI_TRANSCRIBE_MODEL"] = "large-v3", ["OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE"] = "0" });
        var caller = await V1Caller.New(world, credits: 10);
        using var request = caller.Request(V1Caller.Transcriptions, Recordings.Wav(31), [("model", "large-v3"), ("stream", "true")], []);

        using var answer = await world.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.EndsWith("\"cost_credits\":3,\"balance_credits\":7}}\n\ndata: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal((7, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task Who_goes_in_the_middle_pays_for_the_whole()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Provider(async context =>
        {
            await Write(context, Delta);
            await rest.Task;
            await Write(context, Delta);
            await Write(context, Done);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using (var request = caller.Request(V1Caller.Transcriptions, Recordings.Wav(31), Streaming, [("Idempotency-Key", "one")]))
        using (var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await using var stream = await answer.Content.ReadAsStreamAsync();
            Assert.NotEqual(0, await stream.ReadAsync(new byte[16]));
        }

        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains("has gone", StringComparison.Ordinal))), "the server noticed");
        rest.SetResult();

        await TestWorld.Until(async () => (await caller.Owner.Usage()).Count == 1, "the work was recorded");
        Assert.Equal("client_gone", (await caller.Owner.Usage())[0].Reason);
        Assert.Equal((7, 0), await caller.Owner.Wallet());
        var again = await caller.Send(V1Caller.Transcriptions, Recordings.Wav(31), Streaming, [("Idempotency-Key", "one")]);
        Assert.Equal((true, 200, 3), (again.Replayed, again.Status, Events(again).Count));
        Assert.Equal(3, again.Cost);
    }

    private static Task<StandInProvider> Provider(Func<HttpContext, Task> answer) => StandInProvider.Start(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await answer(context);
    });

    private static async Task Write(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }

    private static List<JsonElement> Events(V1Reply reply) =>
        [.. SpecBody.Events(System.Text.Encoding.UTF8.GetBytes(reply.Text)).Select(one => JsonDocument.Parse(one.Value!.ToString()).RootElement)];
}
