using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Gemini;
using Sandbox.Replies;
using Tests.House;
using Tests.Specs;
using Xunit;
using static Tests.Sandbox.ChatCalls;

namespace Tests.Sandbox;

/// <summary>Gemini on the wire: how streams are framed, how wrong requests are refused, how replies are held; the rest is examined by Google's library.</summary>
public sealed class GeminiSandboxTests
{
    private const string Text = """{"text":"Hello"}""";

    [Fact]
    public async Task AStreamIsFramedInCrLfAndSimplyEnds()
    {
        await using var sandbox = await SandboxHost.Start();
        var stream = await Stream(
            await Gemini(sandbox, "streamGenerateContent?alt=sse", Prompt("Hello")), await ProviderSpecs.Gemini, "/v1beta/models/gemini-2.5-flash:streamGenerateContent");

        Assert.EndsWith("}\r\n\r\n", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        var events = stream.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.True(events.Length > 2);
        Assert.All(events, one => Assert.StartsWith("data: {", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutAltTheStreamIsOneArray()
    {
        await using var sandbox = await SandboxHost.Start();
        var chunks = await Json(await Gemini(sandbox, "streamGenerateContent", Prompt("Hello")));

        Assert.True(chunks.GetArrayLength() > 2);
        Assert.Equal("STOP", chunks[chunks.GetArrayLength() - 1].GetProperty("candidates")[0].GetProperty("finishReason").GetString());
        await sandbox.Post("/_sandbox/gemini/replies", new { empty = true });
        Assert.Equal(0, (await Json(await Gemini(sandbox, "streamGenerateContent", Prompt("Hello")))).GetArrayLength());
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"text":"Hello"}]}],"langauge":"de"}""", "Unknown name \"langauge\"")]
    [InlineData("""{"contents":[{"parts":[{"txt":"Hello"}]}]}""", "Unknown name \"txt\" at 'contents[0].parts[0]'")]
    [InlineData("""{"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":"many"}}""", "'generationConfig.maxOutputTokens': it must be an integer, not \"many\"")]
    [InlineData("""{"contents":[{"parts":[{"text":"Hello"}]}],"safetySettings":[{"category":"HARM","threshold":"OFF"}]}""", "'safetySettings[0].category': it must be one of HARM_")]
    [InlineData("""{"contents":{"parts":[{"text":"Hello"}]}}""", "'contents': it must be a list")]
    [InlineData("""{"contents":[]}""", "contents is not specified")]
    [InlineData("""{"contents":[{"role":"system","parts":[{"text":"Hello"}]}]}""", "valid role: user, model")]
    [InlineData("""{"contents":[{"role":"model","parts":[{"text":"Hello"}]}]}""", "begin with user")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"Hello","inlineData":{}}]}]}""", "oneof field 'data'")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":0}}""", "between 1 and")]
    [InlineData("[]", "must be one JSON object")]
    [InlineData("{", "must be one JSON object")]
    public async Task AWrongRequestIsRefusedAtItsPlace(string body, string words)
    {
        await using var sandbox = await SandboxHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, GeminiModel + ":generateContent") { Content = new StringContent(body) };
        request.Headers.Add("x-goog-api-key", "AIza-test");
        var error = (await Json(await sandbox.Http.SendAsync(request), 400)).GetProperty("error");
        Assert.Equal((400, "INVALID_ARGUMENT"), (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()));
        Assert.Contains(words, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheKeyBelongsIntoItsHeader()
    {
        await using var sandbox = await SandboxHost.Start();
        foreach (var (method, key) in new[] { ("generateContent", null), ("generateContent", "somebodys"), ("generateContent?key=AIza-test", "AIza-test") })
        {
            var error = (await Json(await Gemini(sandbox, method, Prompt("Hello"), key), 403)).GetProperty("error");
            Assert.Equal("PERMISSION_DENIED", error.GetProperty("status").GetString());
        }
    }

    [Fact]
    public async Task TheNamesItTakesAreThePublishedOnes()
    {
        var published = JsonNode.Parse(await File.ReadAllTextAsync(Repository.Path("tests", "specs", "gemini.json")))!["$defs"]!.AsObject();
        await using var file = typeof(GeminiRoutes).Assembly.GetManifestResourceStream("Sandbox.Gemini.fields.json")!;
        var taken = JsonNode.Parse(file)!.AsObject();
        Assert.Contains("GenerateContentRequest", taken.Select(type => type.Key));
        Assert.All(taken, type => Assert.Equal(
            published[type.Key]!["enum"] is JsonArray words ? words.Select(word => $"{word}") : published[type.Key]!["properties"]!.AsObject().Select(field => field.Key).Order(),
            type.Value is JsonObject fields ? fields.Select(field => field.Key).Order() : $"{type.Value}"[1..].Split('|')));
    }

    [Fact]
    public async Task APauseEndsByTheClock()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/gemini/replies", new { text = "At last.", pause_after = new[] { 0 }, pause_seconds = 60 });
        var answer = Gemini(sandbox, "generateContent", Prompt("Hello"));
        await SandboxHost.Until(() => sandbox.Service<ReplyPauses>().List("gemini").Count == 1, "the answer to wait");
        sandbox.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(answer.IsCompleted);
        sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("At last.", (await Json(await answer)).GetRawText(), StringComparison.Ordinal);
        Assert.Empty((await sandbox.Get("/_sandbox/gemini/pauses")).EnumerateArray());
    }

    [Fact]
    public async Task AHungUpClientIsSeenInTheLog()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/gemini/replies", new { chunks = new[] { "One", " two" }, pause_after = new[] { 1 } });
        using (var answer = await Gemini(sandbox, "streamGenerateContent?alt=sse", Prompt("Hello")))
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[10]);
            await SandboxHost.Until(() => sandbox.Service<ReplyPauses>().List("gemini").Count == 1, "the answer to wait");
        }

        await SandboxHost.Until(() => sandbox.Service<global::Sandbox.Core.RequestLog>().List("gemini") is [{ Status: 0 }], "the line that says so");
        Assert.Empty(sandbox.Service<ReplyPauses>().List("gemini"));
    }

    [Theory]
    [InlineData("""{"txet":"Hello"}""")]
    [InlineData("""{"times":0}""")]
    [InlineData("""{"text":"Hello","chunks":["Hello"]}""")]
    [InlineData("""{"pause_seconds":3}""")]
    [InlineData("""{"pause_after":[-1]}""")]
    [InlineData("""{"calls":[{"args":{}}]}""")]
    [InlineData("""{"calls":[{"name":"f","args":[]}]}""")]
    public async Task AScriptThatMakesNoSenseIsRefusedWithASentence(string body)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await sandbox.Http.PostAsync("/_sandbox/gemini/replies", new StringContent(body));
        Assert.NotEmpty((await Json(answer, 400)).GetProperty("detail").GetString()!);
        Assert.Empty((await sandbox.Get("/_sandbox/gemini/replies")).EnumerateArray());
    }

    [Fact]
    public async Task ScriptsAreShownAndForgotten()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/gemini/replies", new { text = "Hello", usage = new { promptTokenCount = 1 } });
        await sandbox.Post("/_sandbox/openai/replies", new { text = "Elsewhere" });
        Assert.Equal("Hello", (await sandbox.Get("/_sandbox/gemini/replies"))[0].GetProperty("text").GetString());
        await sandbox.Post("/_sandbox/reset");
        Assert.Empty((await sandbox.Get("/_sandbox/gemini/replies")).EnumerateArray());
        Assert.Empty((await sandbox.Get("/_sandbox/openai/replies")).EnumerateArray());
    }

    [Fact]
    public async Task WhatTheCallAnswersIsHeldAgainstTheSpecification()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/gemini/replies", new { block_reason = "NO_SUCH_REASON" });
        using var answer = await Gemini(sandbox, "generateContent", Prompt("Hello"));
        Assert.Equal(599, (int)answer.StatusCode);
        Assert.Contains("NO_SUCH_REASON", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var unknown = await Gemini(sandbox, "dream", JsonDocument.Parse(Text).RootElement);
        Assert.Equal(404, (int)unknown.StatusCode);
    }
}
