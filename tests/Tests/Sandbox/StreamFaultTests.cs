using System.Text;
using System.Text.Json;
using Sandbox.Core;
using Xunit;
using static Tests.Sandbox.ChatCalls;

namespace Tests.Sandbox;

/// <summary>Faults that strike in the middle of a stream.</summary>
public sealed class StreamFaultTests
{
    [Theory]
    [InlineData("gemini", "\"status\":\"UNAVAILABLE\"")]
    [InlineData("openai", "\"type\":\"server_error\"")]
    public async Task AnErrorStandsInTheStreamAndEndsIt(string provider, string words)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider, after_events = 2, status = 503 });
        using var answer = await Streamed(sandbox, provider);
        var events = Events(await answer.Content.ReadAsStringAsync());
        Assert.Equal(3, events.Count);
        Assert.Contains(words, events[2], StringComparison.Ordinal);
        Assert.Empty(sandbox.Service<Faults>().List());
    }

    [Fact]
    public async Task NonsenseStandsInTheStreamAsItIs()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "gemini", after_events = 1, body = "data: {\"candidates\":" });
        using var answer = await Streamed(sandbox, "gemini");
        Assert.EndsWith("\r\n\r\ndata: {\"candidates\":", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemini", 0)]
    [InlineData("gemini", 2)]
    [InlineData("openai", 3)]
    public async Task ACutStreamDeliversWhatWasSentBefore(string provider, int events)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider, after_events = events, drop = true });
        var arrived = new MemoryStream();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var answer = await Streamed(sandbox, provider);
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(arrived);
        });
        Assert.Equal(events, Events(Encoding.UTF8.GetString(arrived.ToArray())).Count);
        await SandboxHost.Until(() => sandbox.Service<RequestLog>().List(provider) is [{ Status: 0 }], "the log's line");
    }

    [Fact]
    public async Task HalfAStreamIsSentToo()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "gemini", truncate = true });
        using var answer = await Streamed(sandbox, "gemini");
        await using var body = await answer.Content.ReadAsStreamAsync();
        var arrived = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(arrived));
        Assert.NotEmpty(Events(Encoding.UTF8.GetString(arrived.ToArray())));
    }

    [Fact]
    public async Task AnAnswerWithFewerEventsStaysWhole()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "gemini", after_events = 5, status = 500 });
        Assert.True((await Json(await Gemini(sandbox, "generateContent", Prompt("Hello")))).TryGetProperty("candidates", out _));
    }

    [Theory]
    [InlineData("""{"provider":"gemini","after_events":-1,"drop":true}""")]
    [InlineData("""{"provider":"gemini","after_events":1}""")]
    [InlineData("""{"provider":"gemini","after_events":1,"truncate":true}""")]
    public async Task AFaultThatMakesNoSenseIsRefused(string body)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await sandbox.Http.PostAsync("/_sandbox/faults", new StringContent(body));
        Assert.NotEmpty((await Json(answer, 400)).GetProperty("detail").GetString()!);
    }

    private static Task<HttpResponseMessage> Streamed(SandboxHost sandbox, string provider) => provider == "gemini"
        ? Gemini(sandbox, "streamGenerateContent?alt=sse", Prompt("Hello"))
        : Chat(sandbox, Question("Hello", stream: true));

    private static List<string> Events(string stream) =>
        [.. stream.ReplaceLineEndings("\n").Split("\n\n")[..^1].Where(one => one.StartsWith("data: {", StringComparison.Ordinal) && JsonDocument.Parse(one[6..]) is not null)];
}
