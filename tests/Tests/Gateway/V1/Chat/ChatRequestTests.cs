using System.Text;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>Whatever is sent instead of a request: a refusal that names the field, before any money moves and anybody is asked.</summary>
public sealed class ChatRequestTests
{
    private const string User = """{"role":"user","content":"a"}""";

    public static TheoryData<string, int, string?> Wrong => new()
    {
        { "", 400, null },
        { "nonsense", 400, null },
        { "[]", 400, null },
        { "null", 400, null },
        { """{"model":"gpt-5","messages":[""", 400, null },
        // Which of the two would the provider take?
        { $$"""{"model":"gpt-5-nano","model":"gpt-5","messages":[{{User}}]}""", 400, null },
        { $$"""{"messages":[{{User}}]}""", 400, "model" },
        { $$"""{"model":7,"messages":[{{User}}]}""", 400, "model" },
        { $$"""{"model":"\ud800","messages":[{{User}}]}""", 400, "model" },
        { $$"""{"model":"gpt-9","messages":[{{User}}]}""", 404, null },
        { $$"""{"model":"whisper-1","messages":[{{User}}]}""", 404, null },
        { """{"model":"gpt-5"}""", 400, "messages" },
        { """{"model":"gpt-5","messages":[]}""", 400, "messages" },
        { """{"model":"gpt-5","messages":"a"}""", 400, "messages" },
        { """{"model":"gpt-5","messages":["a"]}""", 400, "messages" },
        { """{"model":"gpt-5","messages":[{"role":"user","content":[7]}]}""", 400, "messages[0].content" },
        { """{"model":"gpt-5","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""", 400, "messages[0].content" },
        { """{"model":"gpt-5","messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}""", 400, "messages[0].content" },
        { With("\"n\":0"), 400, "n" },
        { With("\"n\":129"), 400, "n" },
        { With("\"n\":1.5"), 400, "n" },
        { With("\"max_tokens\":0"), 400, "max_tokens" },
        { With("\"max_completion_tokens\":-5"), 400, "max_completion_tokens" },
        { With("\"max_completion_tokens\":99999999999999999999"), 400, "max_completion_tokens" },
        { With("\"max_completion_tokens\":\"5\""), 400, "max_completion_tokens" },
        { With("\"max_completion_tokens\":5,\"max_tokens\":5"), 400, "max_tokens" },
        { With("\"stream\":\"yes\""), 400, "stream" },
        { With("\"stream_options\":{}"), 400, "stream_options" },
        { With("\"stream\":true,\"stream_options\":7"), 400, "stream_options" },
        { With("\"stream\":true,\"stream_options\":{\"include_usage\":1}"), 400, "stream_options.include_usage" },
        { With("\"service_tier\":\"priority\""), 400, "service_tier" },
        { With("\"\\ud800\":7"), 400, null },
        { With("\"modalities\":[\"\\ud800\"]"), 400, "modalities" },
        { Gemini("\"tool_choice\":\"\\ud800\""), 400, "tool_choice" },
        { With("\"modalities\":[\"text\",\"audio\"]"), 400, "modalities" },
        { With("\"audio\":{\"voice\":\"alloy\"}"), 400, "audio" },
        { With("\"web_search_options\":{}"), 400, "web_search_options" },
        { Gemini("\"n\":2"), 400, "n" },
        { Gemini("\"logprobs\":true"), 400, "logprobs" },
        { Gemini("\"logit_bias\":{\"1\":2}"), 400, "logit_bias" },
        { Gemini("\"functions\":[]"), 400, "functions" },
        { Gemini("\"temperature\":2.5"), 400, "temperature" },
        { Gemini("\"top_p\":\"a\""), 400, "top_p" },
        { Gemini("\"seed\":1e12"), 400, "seed" },
        { Gemini("\"stop\":[1]"), 400, "stop" },
        { Gemini("\"stop\":{}"), 400, "stop" },
        { Gemini("\"stop\":\"\\udc00\""), 400, "stop" },
        { Gemini("\"stop\":[\"\\udc00\"]"), 400, "stop" },
        { Gemini("\"response_format\":{\"type\":\"xml\"}"), 400, "response_format" },
        { Gemini("\"response_format\":{\"type\":\"json_schema\"}"), 400, "response_format" },
        { Gemini("\"reasoning_effort\":\"immense\""), 400, "reasoning_effort" },
        { Gemini("\"tools\":[{\"type\":\"custom\"}]"), 400, "tools[0]" },
        { Gemini("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":7}}]"), 400, "tools[0].function.parameters" },
        { Gemini("\"tool_choice\":\"perhaps\""), 400, "tool_choice" },
        { Gemini("\"tool_choice\":{\"type\":\"function\"}"), 400, "tool_choice" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"system","content":"a"}]}""", 400, "messages" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"god","content":"a"}]}""", 400, "messages[0].role" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"user"}]}""", 400, "messages[0].content" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"\ud800"}]}""", 400, "messages[0].content" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}""", 400, "messages[0].tool_call_id" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"assistant","tool_calls":[{"id":"x"}]}]}""", 400, "messages[0].tool_calls" },
        { """{"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://169.254.169.254/"}}]}]}""", 400, "messages[0].content" },
    };

    [Fact]
    public async Task What_is_no_request_is_refused_by_its_field()
    {
        await using var world = await TestWorld.Start(settings: new() { ["RATELIMIT_AI_WORK"] = "0" });
        var caller = await V1Caller.New(world, credits: 10);
        foreach (var (body, status, param) in Wrong.Select(row => row.Data))
        {
            var reply = await caller.Chat(body, []);

            Assert.True((status, param) == (reply.Status, reply.Param), $"{body} was answered {reply.Status} {reply.Text}");
            Assert.True(reply.Error.GetProperty("message").GetString()!.Length > 10);
        }

        Assert.Empty(await world.Asked("openai"));
        Assert.Empty(await world.Asked("gemini"));
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_body_is_JSON_by_its_type_and_not_endless()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        using var form = caller.Request(HttpMethod.Post, V1Caller.Completions, new StringContent(With("\"n\":1"), Encoding.UTF8, "text/plain"));
        Assert.Equal(415, (int)(await world.Client.SendAsync(form)).StatusCode);

        using var huge = caller.Request(HttpMethod.Post, V1Caller.Completions, new ByteArrayContent(new byte[17 * 1024 * 1024]) { Headers = { ContentType = new("application/json") } });
        Assert.Equal(413, (int)(await world.Client.SendAsync(huge)).StatusCode);
        // A picture of some megabytes is none too many.
        var picture = Convert.ToBase64String(new byte[3_000_000]);
        var seen = await caller.Chat($$$"""{"model":"gemini-2.5-flash","max_tokens":50,"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{picture}}}"}}]}]}""", []);
        Assert.True(seen.Status == 200, seen.Text);
        Assert.True(seen.Cost < 1);
    }

    [Fact]
    public async Task Models_that_chat_are_listed_by_who_makes_them_and_only_where_their_provider_is_configured()
    {
        await using var world = await TestWorld.Start();
        var list = await (await V1Caller.New(world, credits: 0)).Get("/v1/models");
        var owners = list.Body.GetProperty("data").EnumerateArray().ToDictionary(one => one.GetProperty("id").GetString()!, one => one.GetProperty("owned_by").GetString());
        Assert.Equal(("google", "openai", "openai"), (owners["gemini-2.5-flash"], owners["gpt-5-mini"], owners["whisper-1"]));

        await using var own = await TestWorld.Start(settings: new() { ["V1_MODELS"] = "llama-3.3,whisper-1", ["CHAT_PRICES"] = "llama-3.3=0/0/0@10/1/40" });
        var caller = await V1Caller.New(own, credits: 1);
        Assert.Equal(["llama-3.3", "whisper-1"], (await caller.Get("/v1/models")).Body.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        Assert.Equal(404, (await caller.Chat(GeminiChatTests.Ask())).Status);
    }

    private static string With(string field) => $$"""{"model":"gpt-5","messages":[{{User}}],{{field}}}""";

    private static string Gemini(string field) => $$"""{"model":"gemini-2.5-flash","messages":[{{User}}],{{field}}}""";
}
