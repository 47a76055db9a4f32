using System.Text.Json;
using System.Text.Json.Nodes;
using Tests.House;
using Tests.Specs;
using Xunit;
using static Tests.Sandbox.ChatCalls;

namespace Tests.Sandbox;

/// <summary>Chat completions on the wire; the rest is examined by OpenAI's library.</summary>
public sealed class OpenAiChatTests
{
    [Theory]
    [InlineData("""{"text":"Hello there, this is it."}""")]
    [InlineData("""{"calls":[{"name":"get_balance","args":{"unit":"credit"}}]}""")]
    [InlineData("""{"refusal":"No."}""")]
    [InlineData("""{"no_content":true,"finish_reason":"content_filter"}""")]
    [InlineData("""{"thinking_tokens":9}""")]
    public async Task EveryChunkFitsTheSpecificationAndTheLastIsDone(string script)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/replies", JsonDocument.Parse(script).RootElement);
        var stream = await Stream(
            await AskOpenAi(sandbox, new { model = "gpt-5-mini", stream = true, stream_options = new { include_usage = true }, messages = new[] { new { role = "user", content = "Hello" } } }),
            await ProviderSpecs.OpenAi, "/v1/chat/completions");

        var events = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        var last = JsonDocument.Parse(events[^2]["data: ".Length..]).RootElement;
        Assert.Empty(last.GetProperty("choices").EnumerateArray());
        var usage = last.GetProperty("usage");
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task EveryPublishedNameIsKnown()
    {
        var definitions = JsonNode.Parse(await File.ReadAllTextAsync(Repository.Path("tests", "specs", "openai.json")))!["$defs"]!.AsObject();
        await using var sandbox = await SandboxHost.Start();
        var names = Names(definitions, "CreateChatCompletionRequest").ToList();
        Assert.Contains("max_completion_tokens", names);
        foreach (var name in names.Except(["model", "messages"]))
        {
            using var answer = await AskOpenAi(sandbox, new Dictionary<string, object?> { ["model"] = "gpt-5-mini", ["messages"] = new[] { new { role = "user", content = "Hello" } }, [name] = null });
            Assert.DoesNotContain("unknown_parameter", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TheSameRequestIsCountedTheSameWholeAndStreamed()
    {
        await using var sandbox = await SandboxHost.Start();
        var whole = await Json(await AskOpenAi(sandbox, Question("How much is it?")));
        Assert.Equal(4, whole.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        await Json(await AskOpenAi(sandbox, new { model = "gpt-5-mini", messages = new object[] { new { role = "assistant", tool_calls = new[] { new { id = "c", type = "function", function = 5 } } } } }), 400);
        await Json(await AskOpenAi(sandbox, """{"model":"gpt-5-mini","messages":[{"role":"user","content":"\ud800"}]}"""), 400);
        Assert.StartsWith("This is the sandbox, not a model.", whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonObject definitions, string type) => Names(definitions, definitions[type]!);

    private static IEnumerable<string> Names(JsonObject definitions, JsonNode shape) =>
        shape["$ref"] is { } reference ? Names(definitions, $"{reference}"[($"{reference}".LastIndexOf('/') + 1)..])
        : shape["allOf"] is JsonArray all ? all.SelectMany(one => Names(definitions, one!))
        : shape["properties"]!.AsObject().Select(field => field.Key);
}
