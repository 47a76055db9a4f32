using Microsoft.AspNetCore.Http;
using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>An OpenAI-compatible model behind OpenAI's words: the bytes are its own, and the use is counted on the way.</summary>
public sealed class RelayedChatTests
{
    private const string Model = "gpt-5-mini";
    private const string Role = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"xyz\"}\n\n";
    private const string Word = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\\u00fc\\u00dfe!\"},\"finish_reason\":null}],\"usage\":null}\r\n\r\n";
    private const string Stop = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
    private const string Usage = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":41,\"completion_tokens\":12,\"total_tokens\":53,\"prompt_tokens_details\":{\"cached_tokens\":21},\"new\":1}}\n\n";
    private const string Done = "data: [DONE]\n\n";
    private const string Error = "data: {\"error\":{\"message\":\"secret\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";

    // 20 · 100 + 21 · 10 + 12 · 800 micro-credits.
    private const long Price = 11_810;

    [Fact]
    public async Task The_body_goes_as_it_came_but_for_what_the_meter_needs()
    {
        await using var provider = await StandInProvider.Start(context => Stream(context, Role, Usage, Done));
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        await caller.ChatStream("""{ "messages":[{"role":"user","content":"Gr\u00fc\u00dfe","x":1.50}],"model":"gpt-5-mini","stream":true,"stream_options":{"include_obfuscation":false},"unknown":{"a":[1,2.0]},"n":null}""");
        Assert.Equal(
            """{"messages":[{"role":"user","content":"Gr\u00fc\u00dfe","x":1.50}],"model":"gpt-5-mini","stream":true,"unknown":{"a":[1,2.0]},"n":null,"stream_options":{"include_usage":true,"include_obfuscation":false},"max_completion_tokens":4096}""",
            provider.Sent);

        await caller.ChatStream("""{"model":"gpt-5-mini","messages":[{"role":"user","content":"a"}],"stream":true,"max_tokens":7}""");
        Assert.Equal("""{"model":"gpt-5-mini","messages":[{"role":"user","content":"a"}],"stream":true,"max_tokens":7,"stream_options":{"include_usage":true}}""", provider.Sent);
    }

    [Fact]
    public async Task The_chunks_are_the_providers_and_the_usage_is_shown_to_who_asked_for_it()
    {
        await using var provider = await StandInProvider.Start(context => Stream(context, ": a sign of life\n\n", Role, Word, Stop, Usage, Done));
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        Assert.Equal(Role + Word + Stop + Done, await caller.ChatStream(Ask()));
        var asked = await caller.ChatStream(Ask(usage: true));

        Assert.StartsWith(Role + Word + Stop, asked, StringComparison.Ordinal);
        var usage = Chunks.Of(asked).Usage!.Value;
        Assert.Equal((53, 1, 0.01181m, 9.97638m), (usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("new").GetInt32(), usage.GetProperty("cost_credits").GetDecimal(), usage.GetProperty("balance_credits").GetDecimal()));
        Assert.All(await GeminiChatTests.Used(world), row => Assert.Equal(
            (41L, 21L, 12L, Price, "provider_usage", "done", "chat"), (row.InputTokens, row.CachedTokens, row.OutputTokens, row.CreditsMicro, row.Basis, row.Reason, row.Action)));
    }

    [Theory]
    [InlineData("usage only", "done", "provider_usage")]
    [InlineData("no usage", "done", "estimated")]
    [InlineData("no done", "done", "estimated")]
    [InlineData("after the end", "done", "estimated")]
    [InlineData("cut", "upstream_error", "estimated")]
    [InlineData("short", "upstream_error", "estimated")]
    [InlineData("error", "upstream_error", "estimated")]
    [InlineData("usage, then error", "done", "provider_usage")]
    [InlineData("slow", "time_out", "estimated")]
    public async Task However_a_stream_ends_what_was_delivered_is_charged(string how, string reason, string basis)
    {
        var delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await Stream(context, Role, Word);
            await delivered.Task;
            await (how switch
            {
                "usage only" => Stream(context, Usage),
                "no usage" => Stream(context, Stop, Done),
                "no done" => Stream(context, Stop),
                "after the end" => Stream(context, Stop, Error),
                "error" => Stream(context, Error),
                "usage, then error" => Stream(context, Stop, Usage, Error),
                "slow" => StandInProvider.Silence(context),
                _ => Task.CompletedTask,
            });
            if (how == "cut")
            {
                context.Abort();
            }
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using var request = caller.ChatRequest(Ask(usage: true));
        using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[Role.Length + Word.Length]);
        delivered.SetResult();
        if (how == "slow")
        {
            world.Clock.Advance(TimeSpan.FromSeconds(111));
        }

        using var reader = new StreamReader(stream);
        var chunks = Chunks.Of(Role + Word + await reader.ReadToEndAsync());

        await TestWorld.Until(async () => (await GeminiChatTests.Used(world)).Count == 1, "it is charged");
        var row = Assert.Single(await GeminiChatTests.Used(world));
        Assert.Equal((reason, basis), (row.Reason, row.Basis));
        Assert.True(row.CreditsMicro > 0 && row.InputTokens > 0 && row.OutputTokens > 0);
        Assert.Equal(reason == "done", chunks.IsDone);
        Assert.Equal(reason == "done" ? null : "The stream of the model broke off.", chunks.Error);
        // Who asked for the usage gets it, counted here where the provider does not.
        Assert.Equal(reason == "done" ? row.CreditsMicro / 1_000_000m : null, chunks.Usage?.GetProperty("cost_credits").GetDecimal());
        Assert.DoesNotContain("open", await caller.Owner.Holds());
    }

    [Theory, EveryDatabase]
    public async Task A_client_that_leaves_calls_the_provider_off_at_once_and_pays_for_what_was_made(string engine)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await Stream(context, Role, Word);
            await StandInProvider.Silence(context);
            left.SetResult();
        });
        await using var world = await TestWorld.Start(engine, new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using (var request = caller.ChatRequest(Ask()))
        {
            using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[Role.Length + Word.Length]);
        }

        await left.Task;
        await TestWorld.Until(async () => (await GeminiChatTests.Used(world)).Count == 1, "what was made is charged");
        var row = Assert.Single(await GeminiChatTests.Used(world));
        Assert.Equal(("client_gone", "estimated", 2L), (row.Reason, row.Basis, row.OutputTokens));
        Assert.True(row.InputTokens > 8);
        Assert.DoesNotContain("open", await caller.Owner.Holds());
    }

    [Theory]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":41,"completion_tokens":12,"prompt_tokens_details":{"cached_tokens":21}}}""", 200, Price, "provider_usage")]
    [InlineData("""{"choices":[{"message":{"content":"Eight of these bytes are two tokens"}}]}""", 200, null, "estimated")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":-4,"completion_tokens":"many"}}""", 200, null, "estimated")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":4000000000000000000,"completion_tokens":1}}""", 200, null, "estimated")]
    [InlineData("""{"error":"no choices"}""", 502, null, null)]
    [InlineData("nonsense", 502, null, null)]
    [InlineData("", 502, null, null)]
    public async Task A_whole_answer_is_passed_on_byte_for_byte(string body, int status, long? price, string? basis)
    {
        await using var provider = await StandInProvider.Start(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);
        using var request = caller.ChatRequest(Ask(stream: false));

        using var answer = await world.Client.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 200)
        {
            Assert.Equal(body, await answer.Content.ReadAsStringAsync());
            var row = Assert.Single(await GeminiChatTests.Used(world));
            Assert.Equal((basis, price ?? row.CreditsMicro), (row.Basis, row.CreditsMicro));
            Assert.Equal($"{row.CreditsMicro / 1_000_000m}", answer.Headers.GetValues("x-ledgerline-cost-credits").Single());
            Assert.Equal((row.CreditsMicro > 0, 0), (true, (await caller.Owner.Wallet()).Owed));
        }
        else
        {
            await caller.Owner.AssertUntouched(10);
        }
    }

    [Theory]
    [InlineData(429, """{"error":{"message":"Slow","type":"requests","param":null,"code":"rate_limit_exceeded"}}""", 503, "provider_busy")]
    [InlineData(429, """{"error":{"message":"Pay","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", 503, "provider_unavailable")]
    [InlineData(400, """{"error":{"message":"Too hot.","type":"invalid_request_error","param":"temperature","code":null}}""", 400, null)]
    [InlineData(500, "nonsense", 502, "provider_error")]
    public async Task A_refusal_is_told_and_costs_nothing(int status, string body, int answered, string? code)
    {
        await using var provider = await StandInProvider.Start(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "3";
            return context.Response.WriteAsync(body);
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var caller = await V1Caller.New(world, credits: 10);

        foreach (var stream in new[] { true, false })
        {
            var reply = await caller.Chat(Ask(stream: stream));
            Assert.Equal((answered, code), (reply.Status, reply.Code));
            Assert.Equal(code == "provider_busy", reply.Headers.ContainsKey("Retry-After"));
            Assert.Equal(answered == 400 ? "temperature" : null, reply.Param);
        }

        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task Tools_are_passed_through_both_ways()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        object[] tools = [new { type = "function", function = new { name = "get_balance", parameters = new { type = "object", properties = new { } } } }];
        await world.Replies("openai", new { calls = new[] { new { name = "get_balance", args = new { unit = "vc" } } } });

        var first = Chunks.Of(await caller.Chat(new { model = Model, stream = true, tools, messages = new[] { new { role = "user", content = "How much?" } } }));

        Assert.Equal(("tool_calls", true), (first.Finish, first.IsDone));
        Assert.Equal("""{"unit":"vc"}""", string.Concat(first.Calls.Select(call => call.GetProperty("function").GetProperty("arguments").GetString())));
        var second = await caller.Chat(new
        {
            model = Model,
            tools,
            messages = new object[]
            {
                new { role = "user", content = "How much?" },
                new
                {
                    role = "assistant",
                    tool_calls = new[] { new { id = first.Calls[0].GetProperty("id").GetString(), type = "function", function = new { name = "get_balance", arguments = """{"unit":"vc"}""" } } },
                },
                new { role = "tool", tool_call_id = first.Calls[0].GetProperty("id").GetString(), content = "5" },
            },
        });
        Assert.Equal((200, 2), (second.Status, (await world.Asked("openai")).Count));
        Assert.Equal(second.Cost, (await GeminiChatTests.Used(world))[1].CreditsMicro / 1_000_000m);
    }

    private static string Ask(bool stream = true, bool usage = false) => GeminiChatTests.Ask(stream, usage, Model);

    private static async Task Stream(HttpContext context, params string[] events)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
        }

        foreach (var one in events)
        {
            await context.Response.WriteAsync(one);
            await context.Response.Body.FlushAsync();
        }
    }
}
