using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>One Idempotency-Key: one effect, and the same answer for ever.</summary>
public sealed class IdempotentTranscriptionTests
{
    [Theory, EveryDatabase]
    public async Task Ten_at_once_are_one(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        using var second = await world.StartNode();
        var customer = await Customer.New(world, credits: 10);
        var recording = Recordings.Wav(31, "Only once.");

        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(number =>
            customer.Transcribe(recording, key: "the-key", node: number % 2 == 0 ? world.Client : second)));

        Assert.Single(replies, reply => reply.Status == 200 && !reply.Replayed);
        Assert.All(replies, reply => Assert.True(
            reply.Status == 200 || reply.Text == """{"detail":"A request with this Idempotency-Key is still being processed"}""", reply.Text));
        Assert.Single(await world.Requests());
        Assert.Equal((7, 0), await customer.Wallet());
        Assert.Single(await customer.Usage());

        // Another boundary and another file name are the same request; so is the address with a slash at its end.
        var again = await customer.Transcribe(recording, "renamed.wav", key: "the-key");
        Assert.Equal((200, true), (again.Status, again.Replayed));
        Assert.Equal("""{"text":"Only once.","duration_seconds":31.0,"credits_used":3,"credits_remaining":7}""", again.Text);
        Assert.All(replies.Where(reply => reply.Status == 200), reply => Assert.Equal(again.Text, reply.Text));
        Assert.True((await customer.Transcribe(recording, query: "/", key: "the-key")).Replayed);

        const string different = """{"detail":"Idempotency-Key was already used with a different request"}""";
        Assert.Equal((422, different), await StatusAndText(customer.Transcribe(Recordings.Wav(31, "Another."), key: "the-key")));
        Assert.Equal((422, different), await StatusAndText(customer.Transcribe(recording, query: "?language=en", key: "the-key")));
        Assert.Equal((7, 0), await customer.Wallet());

        // Another's key is another key.
        var other = await Customer.New(world, credits: 3);
        Assert.False((await other.Transcribe(recording, key: "the-key")).Replayed);
    }

    [Theory, EveryDatabase]
    public async Task A_failure_leaves_the_key_free(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        world.ExpectedViolations.Add("");
        var customer = await Customer.New(world, credits: 10);
        await world.Fails(new { drop = true });
        var recording = Recordings.Wav(1);

        Assert.Equal(500, (await customer.Transcribe(recording, key: "retry")).Status);
        Assert.Equal(422, (await customer.Transcribe([], key: "retry")).Status);
        Assert.Equal((10, 0), await customer.Wallet());

        var second = await customer.Transcribe(recording, key: "retry");
        Assert.Equal((200, false), (second.Status, second.Replayed));
        Assert.Equal((200, true), ((await customer.Transcribe(recording, key: "retry")).Status, (await customer.Transcribe(recording, key: "retry")).Replayed));
        Assert.Equal((9, 0), await customer.Wallet());
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 1);

        Assert.Equal(402, (await customer.Transcribe(Recordings.Wav(31), key: "poor")).Status);
        await customer.Give(100);
        var again = await customer.Transcribe(Recordings.Wav(31), key: "poor");
        Assert.Equal((402, true), (again.Status, again.Replayed));
        Assert.Equal(200, (await customer.Transcribe(Recordings.Wav(31), key: "rich")).Status);

        Assert.Equal(415, (await customer.Transcribe(new byte[5000], key: "noise")).Status);
        Assert.True((await customer.Transcribe(new byte[5000], key: "noise")).Replayed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public async Task A_key_that_is_none_is_invalid(int length)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 1);
        using var request = customer.Request(HttpMethod.Post, "/api/transcribe", Customer.Form(Recordings.Wav(1)));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", new string('k', length));

        var reply = await Reply.Of(world.Client.SendAsync(request));

        Assert.Equal(422, reply.Status);
        Assert.Equal("header.Idempotency-Key", reply.Fault.Location);
        await customer.AssertUntouched(1);
    }

    private static async Task<(int Status, string Text)> StatusAndText(Task<Reply> sending)
    {
        var reply = await sending;
        return (reply.Status, reply.Text);
    }
}
