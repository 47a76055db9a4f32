using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>OpenAI's words in and out, Gemini behind them: whole, streamed, with tools, and in all the ways in which it fails.</summary>
public sealed class GeminiChatTests
{
    private const string Model = "gemini-2.5-flash";

    [Fact]
    public async Task A_whole_answer_has_OpenAIs_shape_and_its_cost_beside_it()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { text = "Grüße an \"alle\" 👋", thinking_tokens = 40, cached_tokens = 2 });

        var reply = await caller.Chat(new
        {
            model = Model,
            messages = new object[]
            {
                new { role = "system", content = "Be brief." },
                new { role = "user", content = "What is a ledger?" },
                new { role = "assistant", content = "A record." },
                new { role = "user", content = new object[] { new { type = "text", text = "And double entry?" } } },
            },
            temperature = 0.5,
            top_p = 0.9,
            seed = 7,
            stop = new[] { "END" },
            max_completion_tokens = 200,
            user = "somebody",
        });

        Assert.Equal(200, reply.Status);
        var choice = Assert.Single(reply.Body.GetProperty("choices").EnumerateArray());
        Assert.Equal(("Grüße an \"alle\" 👋", "stop"), (choice.GetProperty("message").GetProperty("content").GetString(), choice.GetProperty("finish_reason").GetString()));
        Assert.Contains("Grüße", reply.Text, StringComparison.Ordinal);
        var usage = Assert.Single(await Used(world));
        var (prompt, output) = (reply.Body.GetProperty("usage").GetProperty("prompt_tokens").GetInt64(), reply.Body.GetProperty("usage").GetProperty("completion_tokens").GetInt64());
        Assert.Equal((prompt, 2L, output, "provider_usage", "done"), (usage.InputTokens, usage.CachedTokens, usage.OutputTokens, usage.Basis, usage.Reason));
        Assert.Equal(40, reply.Body.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
        Assert.Equal(((prompt - 2) * 120 + 2 * 12 + output * 1000) / 1_000_000m, reply.Cost);
        Assert.Equal(10 - reply.Cost, reply.Balance);
        Assert.Equal(
            """{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"What is a ledger?"}]},{"role":"model","parts":[{"text":"A record."}]},{"role":"user","parts":[{"text":"And double entry?"}]}],"generationConfig":{"maxOutputTokens":200,"temperature":0.5,"topP":0.9,"seed":7,"stopSequences":["END"]}}""",
            (await world.Asked("gemini"))[0].GetProperty("body").GetString());
    }

    [Fact]
    public async Task A_stream_arrives_as_it_is_written_and_its_last_chunk_says_what_it_cost()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { chunks = new[] { "One ", "two ", "three." }, pause_after = new[] { 1 } });
        using var request = caller.ChatRequest(Ask(stream: true, usage: true));
        using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var read = "";
        while (!read.Contains("One ", StringComparison.Ordinal))
        {
            read += await reader.ReadLineAsync() + "\n";
        }

        Assert.Empty(await caller.Owner.Usage());
        await world.Release("gemini");
        var chunks = Chunks.Of(read + await reader.ReadToEndAsync());

        Assert.Equal(("One two three.", "stop", true), (chunks.Text, chunks.Finish, chunks.IsDone));
        Assert.Single(chunks.All.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
        Assert.Equal(JsonValueKind.Null, chunks.All[0].GetProperty("usage").ValueKind);
        var (cost, balance) = (chunks.Usage!.Value.GetProperty("cost_credits").GetDecimal(), chunks.Usage.Value.GetProperty("balance_credits").GetDecimal());
        Assert.Equal((await Used(world))[0].CreditsMicro / 1_000_000m, cost);
        Assert.Equal(10 - cost, balance);
        Assert.StartsWith("req_", answer.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);

        var silent = Chunks.Of(await caller.Chat(Ask(stream: true)));
        Assert.Null(silent.Usage);
        Assert.DoesNotContain(silent.All, chunk => chunk.TryGetProperty("usage", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tools_go_there_and_back_with_their_signatures(bool stream)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { calls = new object[] { new { name = "get_balance", args = new { unit = "vc" } }, new { name = "noon" } } });
        object[] tools =
        [
            new { type = "function", function = new { name = "get_balance", description = "Credits", parameters = new { type = "object", properties = new { unit = new { type = "string" } } } } },
            new { type = "function", function = new { name = "noon" } },
        ];

        var first = await caller.Chat(new { model = Model, stream, tools, tool_choice = "auto", messages = new[] { new { role = "user", content = "How much?" } } });

        List<JsonElement> calls;
        if (stream)
        {
            var chunks = Chunks.Of(first);
            Assert.Equal(("tool_calls", true), (chunks.Finish, chunks.IsDone));
            Assert.Equal([0, 1], chunks.Calls.Select(call => call.GetProperty("index").GetInt32()));
            calls = [.. chunks.Calls];
        }
        else
        {
            var choice = first.Body.GetProperty("choices")[0];
            Assert.Equal(("tool_calls", JsonValueKind.Null), (choice.GetProperty("finish_reason").GetString(), choice.GetProperty("message").GetProperty("content").ValueKind));
            calls = [.. choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray()];
        }

        Assert.Equal(["get_balance", "noon"], calls.Select(call => call.GetProperty("function").GetProperty("name").GetString()));
        Assert.Equal("""{"unit":"vc"}""", calls[0].GetProperty("function").GetProperty("arguments").GetString());
        // The sandbox refuses calls that come back changed, or without their signature.
        var second = await caller.Chat(new
        {
            model = Model,
            tools,
            messages = new object[]
            {
                new { role = "user", content = "How much?" },
                new { role = "assistant", content = (string?)null, tool_calls = calls },
                new { role = "tool", tool_call_id = calls[0].GetProperty("id").GetString(), content = """{"credits":5}""" },
                new { role = "tool", tool_call_id = calls[1].GetProperty("id").GetString(), content = "It is noon." },
            },
        });
        Assert.True(second.Status == 200, second.Text);
        Assert.Contains("""{"functionResponse":{"id":""", (await world.Asked("gemini"))[0].GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Contains(""""response":{"output":"It is noon."}"""", (await world.Asked("gemini"))[0].GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"finish_reason":"SAFETY","text":"Well"}""", "Well", "content_filter")]
    [InlineData("""{"block_reason":"SAFETY"}""", "", "content_filter")]
    [InlineData("""{"finish_reason":"MAX_TOKENS","no_content":true,"thinking_tokens":12}""", "", "length")]
    public async Task An_answer_that_ends_early_says_why_and_is_charged(string script, string text, string finish)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", JsonSerializer.Deserialize<JsonElement>(script));
        await world.Replies("gemini", JsonSerializer.Deserialize<JsonElement>(script));

        var whole = await caller.Chat(Ask());
        Assert.Equal(
            (text, finish), (whole.Body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), whole.Body.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        Assert.True(whole.Cost > 0);
        var chunks = Chunks.Of(await caller.Chat(Ask(stream: true)));
        Assert.Equal((text, finish, true), (chunks.Text, chunks.Finish, chunks.IsDone));
        Assert.Equal(2, (await Used(world)).Count);
    }

    [Theory]
    [InlineData(400, 400, "INVALID_ARGUMENT")]
    [InlineData(403, 503, "provider_unavailable")]
    [InlineData(404, 503, "provider_unavailable")]
    [InlineData(429, 503, "provider_busy")]
    [InlineData(500, 502, "provider_error")]
    [InlineData(503, 502, "provider_error")]
    public async Task A_failure_before_the_answer_costs_nothing(int status, int answered, string code)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.ChatFails("gemini", new { status, times = 2 });

        foreach (var stream in new[] { false, true })
        {
            var reply = await caller.Chat(Ask(stream));
            Assert.Equal((answered, code), (reply.Status, reply.Code));
        }

        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_stream_without_an_event_is_a_failure_and_costs_nothing()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { empty = true, times = 2 });

        Assert.Equal((502, "provider_error"), (await caller.Chat(Ask(stream: true))) is var reply ? (reply.Status, reply.Code) : default);
        Assert.Equal(502, (await caller.Chat(Ask())).Status);
        await caller.Owner.AssertUntouched(10);
    }

    internal static string Ask(bool stream = false, bool usage = false, string model = Model, int most = 100, string content = "What is a ledger?") => JsonSerializer.Serialize(new
    {
        model,
        messages = new[] { new { role = "user", content } },
        stream,
        stream_options = usage ? new { include_usage = true } : null,
        max_tokens = most,
    });

    internal static Task<IReadOnlyList<TokenRow>> Used(TestWorld world) => world.Database.Read(session => session.List<TokenRow>(
        "SELECT action, model, input_tokens, cached_tokens, output_tokens, credits_micro, cost_micro_usd, basis, reason, metadata FROM usage_records ORDER BY created_at, id"));

    internal sealed class TokenRow
    {
        public required string Action { get; init; }
        public required string Model { get; init; }
        public long InputTokens { get; init; }
        public long CachedTokens { get; init; }
        public long OutputTokens { get; init; }
        public long CreditsMicro { get; init; }
        public long CostMicroUsd { get; init; }
        public required string Basis { get; init; }
        public required string Reason { get; init; }
        public required string Metadata { get; init; }
    }
}
