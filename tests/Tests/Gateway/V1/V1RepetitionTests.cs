using Ledgerline.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>The same request twice: with a key one charge and the same bytes; without one, as its client says of it.</summary>
public sealed class V1RepetitionTests
{
    private const string Words = "Good morning, Zoë. This is a \"test\".";

    [Theory, EveryDatabase]
    public async Task The_same_key_gives_the_same_bytes_in_every_format(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 100);

        foreach (var (path, format) in from path in new[] { V1Caller.Transcriptions, V1Caller.Translations }
                                       from format in new[] { "json", "verbose_json", "text", "srt", "vtt" }
                                       select (path, format))
        {
            var first = await Ask(path, format, Recordings.Wav(1, Words));
            var again = await Ask(path, format, Recordings.Wav(1, Words));

            Assert.Equal((200, false, 200, true), (first.Status, first.Replayed, again.Status, again.Replayed));
            Assert.Equal((first.Text, first.ContentType, first.Cost, first.Balance), (again.Text, again.ContentType, again.Cost, again.Balance));
            Assert.NotEqual(first.Headers["x-request-id"], again.Headers["x-request-id"]);
        }

        Assert.Equal(10, (await world.Requests()).Count);
        Assert.Equal((90, 0), await caller.Owner.Wallet());

        Task<V1Reply> Ask(string path, string format, byte[] audio) => caller.Send(path, audio, [("response_format", format)], [("Idempotency-Key", format)]);
    }

    [Fact]
    public async Task A_stream_is_replayed_whole()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        Task<V1Reply> Ask() => caller.Send(V1Caller.Transcriptions, Recordings.Wav(1, Words), [("model", "gpt-4o-transcribe"), ("stream", "true")], [("Idempotency-Key", "one")]);

        var (first, again) = (await Ask(), await Ask());

        Assert.Equal((first.Text, first.ContentType, true), (again.Text, again.ContentType, again.Replayed));
        Assert.Equal((9, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_422_in_OpenAIs_shape()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        Task<V1Reply> Ask(byte[] audio, params (string, string)[] fields) => caller.Send(V1Caller.Transcriptions, audio, fields, [("Idempotency-Key", "one")]);
        Assert.Equal(200, (await Ask(Recordings.Wav(1, Words))).Status);

        foreach (var other in new[] { await Ask(Recordings.Wav(1, "Something else.")), await Ask(Recordings.Wav(1, Words), ("prompt", "x")), await Ask(Recordings.Wav(1, Words), ("model", "gpt-4o-transcribe")) })
        {
            Assert.Equal((422, "idempotency_key_reused"), (other.Status, other.Code));
        }

        var bad = await caller.Send(V1Caller.Transcriptions, Recordings.Wav(1), headers: [("Idempotency-Key", new string('k', 256))]);
        Assert.Equal((400, "Idempotency-Key"), (bad.Status, bad.Param));
        Assert.Equal((9, 0), await caller.Owner.Wallet());
    }

    [Theory, EveryDatabase]
    public async Task Of_ten_with_one_key_at_once_one_is_charged(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);

        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => caller.Send(V1Caller.Transcriptions, Recordings.Wav(1, Words), headers: [("Idempotency-Key", "one")])));

        Assert.All(replies, reply => Assert.True(reply.Status == 200 || (reply.Status == 409 && reply.Code == "request_in_progress"), reply.Text));
        Assert.Single(await caller.Owner.Usage());
        Assert.Equal((9, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task A_refusal_for_money_stays_with_its_key()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 1);
        Task<V1Reply> Ask() => caller.Send(V1Caller.Transcriptions, Recordings.Wav(31), headers: [("Idempotency-Key", "poor")]);

        var first = await Ask();
        await caller.Owner.Give(10);
        var again = await Ask();

        Assert.Equal((402, 402, true, "false"), (first.Status, again.Status, again.Replayed, again.Headers["x-should-retry"]));
        Assert.Equal(first.Text, again.Text);
    }

    [Theory, EveryDatabase]
    public async Task A_library_that_asks_again_by_itself_gets_the_first_answer(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);

        var first = await Try(caller, 0);
        var second = await Try(caller, 1);
        var third = await Try(caller, 2);

        Assert.Equal((false, true, true), (first.Replayed, second.Replayed, third.Replayed));
        Assert.Equal((first.Text, first.Cost), (third.Text, third.Cost));
        Assert.Equal((9, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task A_first_attempt_is_a_request_of_its_own_however_often_it_was_made()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        Assert.False((await Try(caller, 0)).Replayed);
        Assert.False((await Try(caller, 0)).Replayed);
        Assert.False((await caller.Transcribe(Recordings.Wav(1, Words))).Replayed);
        Assert.True((await Try(caller, 1)).Replayed);
        Assert.Equal((7, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task A_second_attempt_whose_first_never_came_or_failed_is_done()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        Assert.Equal((200, false), await StatusAndReplayed(Try(caller, 1, "Never came.")));
        await world.Fails(new { status = 500 });
        Assert.Equal(502, (await Try(caller, 0)).Status);
        Assert.Equal((200, false), await StatusAndReplayed(Try(caller, 1)));
        Assert.Equal((200, true), await StatusAndReplayed(Try(caller, 2)));
        Assert.Equal((8, 0), await caller.Owner.Wallet());

        var (poor, other) = (await V1Caller.New(world, credits: 0), await V1Caller.New(world, credits: 10));
        Assert.Equal(402, (await Try(poor, 0)).Status);
        await poor.Owner.Give(1);
        Assert.Equal((200, false), await StatusAndReplayed(Try(poor, 1)));
        // Another account's first attempt is nobody else's.
        Assert.Equal((200, false), await StatusAndReplayed(Try(other, 1)));
    }

    [Fact]
    public async Task While_the_first_attempt_runs_the_second_is_asked_to_wait()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("""{"text":"Once."}""");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        var first = Try(caller, 0);
        await provider.WasAsked();

        var second = await Try(caller, 1);
        Assert.Equal((409, "request_in_progress", "2"), (second.Status, second.Code, second.Headers["Retry-After"]));
        answer.SetResult();
        Assert.Equal(200, (await first).Status);
        Assert.True((await Try(caller, 2)).Replayed);
        Assert.Equal(1, provider.Asked);
    }

    [Fact]
    public async Task After_half_an_hour_nobody_is_still_asking_again_and_the_answer_is_forgotten()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await Try(caller, 0);
        await caller.Send(V1Caller.Transcriptions, Recordings.Wav(1, Words), headers: [("Idempotency-Key", "for-ever")]);

        world.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.False((await Try(caller, 1)).Replayed);
        world.Clock.Advance(TimeSpan.FromMinutes(31));
        await world.Services.GetRequiredService<Idempotency>().Sweep(default);

        Assert.Equal(["for-ever"], await world.Database.Read(session => session.List<string>("SELECT idempotency_key FROM idempotency_keys")));
        Assert.Equal((7, 0), await caller.Owner.Wallet());
    }

    private static Task<V1Reply> Try(V1Caller caller, int count, string words = Words) =>
        caller.Send(V1Caller.Transcriptions, Recordings.Wav(1, words), headers: [("X-Stainless-Retry-Count", $"{count}")]);

    private static async Task<(int, bool)> StatusAndReplayed(Task<V1Reply> asking)
    {
        var reply = await asking;
        return (reply.Status, reply.Replayed);
    }
}
