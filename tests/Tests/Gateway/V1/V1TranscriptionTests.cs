using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>The audio addresses below /v1: what is asked is passed on, what is answered is passed back, and it is paid for.</summary>
public sealed class V1TranscriptionTests
{
    private const string Words = "Good morning. This is a test.";

    [Theory, EveryDatabase]
    public async Task A_key_and_a_recording_give_text_and_a_bill(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(30.5m, Words));

        Assert.Equal((200, "application/json"), (reply.Status, reply.ContentType));
        Assert.Equal($$$"""{"text":"{{{Words}}}","usage":{"type":"duration","seconds":31}}""", reply.Text);
        Assert.Equal((3m, 7m), (reply.Cost, reply.Balance));
        Assert.Matches("^req_[A-Za-z0-9_-]{20}$", reply.Headers["x-request-id"]);
        var usage = Assert.Single(await caller.Owner.Usage());
        Assert.Equal(("transcribe", "whisper-1", "provider_usage", "done", 30_500L), (usage.Action, usage.Model, usage.Basis, usage.Reason, usage.DurationMs));
        Assert.Contains(caller.KeyId, usage.Metadata, StringComparison.Ordinal);
        Assert.Contains(reply.Headers["x-request-id"], usage.Metadata, StringComparison.Ordinal);
        Assert.Equal(["captured"], await caller.Owner.Holds());
    }

    [Theory]
    [InlineData("json", "application/json", "provider_usage")]
    [InlineData("verbose_json", "application/json", "provider_usage")]
    [InlineData("text", "text/plain", "decoded")]
    [InlineData("srt", "text/plain", "decoded")]
    [InlineData("vtt", "text/plain", "decoded")]
    public async Task Every_format_is_the_providers_own_and_none_is_free(string format, string type, string basis)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        var recording = Recordings.Wav(30.5m, Words);

        foreach (var path in new[] { V1Caller.Transcriptions, V1Caller.Translations })
        {
            var reply = await caller.Send(path, recording, [("response_format", format)]);
            Assert.Equal((200, 3m), (reply.Status, reply.Cost));
            Assert.StartsWith(type, reply.ContentType, StringComparison.Ordinal);
            Assert.Equal(await Straight(world, path, recording, format), reply.Text);
        }

        var usage = await caller.Owner.Usage();
        Assert.Equal(["transcribe", "translate"], usage.Select(row => row.Action));
        // The provider says nothing of what a translation used but how long it was.
        Assert.Equal([basis, format == "verbose_json" ? "provider_duration" : "decoded"], usage.Select(row => row.Basis));
        Assert.Equal((4, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task Options_reach_the_provider_as_they_were_given()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var verbose = await caller.Transcribe(
            Recordings.Wav(2, Words), ("response_format", "verbose_json"), ("language", "de"), ("prompt", "Grüße"), ("temperature", "0.2"),
            ("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment"), ("stream", "false"));

        Assert.Equal("german", verbose.Body.GetProperty("language").GetString());
        Assert.Equal(6, verbose.Body.GetProperty("words").GetArrayLength());
        Assert.Equal(2, verbose.Body.GetProperty("segments").GetArrayLength());
        var heard = await world.Heard();
        Assert.Equal(
            ("whisper-1", "Grüße", "0.2", "word,segment"),
            (Said("model"), Said("prompt"), Said("temperature"), string.Join(',', heard.GetProperty("timestamp_granularities").EnumerateArray())));
        Assert.Equal("speech.wav", heard.GetProperty("file").GetProperty("name").GetString());

        var probable = await caller.Transcribe(Recordings.Wav(2, Words), ("model", "gpt-4o-transcribe"), ("include[]", "logprobs"));
        Assert.Equal("tokens", probable.Body.GetProperty("usage").GetProperty("type").GetString());
        Assert.Equal(6, probable.Body.GetProperty("logprobs").GetArrayLength());
        Assert.Equal(1, probable.Cost);

        string? Said(string name) => heard.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Speakers_are_told_apart_where_the_model_can()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 20);
        (string, string)[] diarize = [("model", "gpt-4o-transcribe-diarize"), ("response_format", "diarized_json")];

        Assert.Equal(2, (await caller.Transcribe(Recordings.Wav(20, Words), diarize)).Body.GetProperty("segments").GetArrayLength());
        var refused = await caller.Transcribe(Recordings.Wav(31, Words), diarize);
        Assert.Equal((400, "chunking_strategy"), (refused.Status, refused.Param));
        Assert.Equal(200, (await caller.Transcribe(Recordings.Wav(31, Words), [.. diarize, ("chunking_strategy", "auto")])).Status);
        Assert.Equal(
            200,
            (await caller.Transcribe(Recordings.Wav(31, Words), [.. diarize, ("chunking_strategy[type]", "server_vad"), ("chunking_strategy[threshold]", "0.4")])).Status);
        Assert.Equal((12, 0), await caller.Owner.Wallet());
    }

    [Theory]
    [InlineData("response_format", "xml", "response_format", "invalid_value")]
    [InlineData("response_format", "diarized_json", "response_format", "invalid_value")]
    [InlineData("temperature", "1.5", "temperature", "invalid_value")]
    [InlineData("temperature", "warm", "temperature", "invalid_value")]
    [InlineData("language", "english", "language", "invalid_value")]
    [InlineData("timestamp_granularities[]", "word", "timestamp_granularities", "invalid_value")]
    [InlineData("include[]", "logprobs", "include", "invalid_value")]
    [InlineData("stream", "perhaps", "stream", "invalid_value")]
    [InlineData("chunking_strategy", "never", "chunking_strategy", "invalid_value")]
    [InlineData("chunking_strategy[type]", "magic", "chunking_strategy", "invalid_value")]
    [InlineData("seed", "1", "seed", "unknown_parameter")]
    [InlineData("model", "", "model", "missing_required_parameter")]
    [InlineData("known_speaker_names[]", "Ada", "known_speaker_names", "unknown_parameter")]
    public async Task What_does_not_fit_is_refused_by_name_before_anything_is_held(string field, string value, string param, string code)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1), (field, value));

        Assert.Equal((400, param, code), (reply.Status, reply.Param, reply.Code));
        Assert.Equal("invalid_request_error", reply.Error.GetProperty("type").GetString());
        Assert.Empty(await world.Requests());
        await caller.Owner.AssertUntouched(10);
        Assert.Empty(await caller.Owner.Holds());
    }

    [Theory]
    [InlineData("gpt-4o-transcribe", "response_format", "srt", "response_format")]
    [InlineData("gpt-4o-transcribe-diarize", "prompt", "names", "prompt")]
    [InlineData("gpt-4o-transcribe-diarize", "include[]", "logprobs", "include")]
    public async Task What_the_model_cannot_do_is_refused_by_name(string model, string field, string value, string param)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1), ("model", model), (field, value));

        Assert.Equal((400, param), (reply.Status, reply.Param));
        Assert.Empty(await world.Requests());
    }

    [Theory]
    [InlineData("whisper-9")]
    [InlineData("gpt-transcribe")]
    public async Task A_model_that_is_unknown_or_has_no_price_does_not_exist(string model)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);

        var reply = await caller.Transcribe(Recordings.Wav(1), ("model", model));

        Assert.Equal((404, "model_not_found"), (reply.Status, reply.Code));
        Assert.Empty(await world.Requests());
        Assert.Equal(400, (await caller.Send(V1Caller.Translations, Recordings.Wav(1), [("model", "gpt-4o-transcribe")])).Status);
    }

    [Fact]
    public async Task The_models_are_those_that_are_sold()
    {
        await using var world = await TestWorld.Start(settings: new() { ["V1_MODELS"] = "whisper-1, gpt-4o-mini-transcribe" });
        var caller = await V1Caller.New(world, credits: 1);

        var list = await caller.Get("/v1/models");

        Assert.Equal(["gpt-4o-mini-transcribe", "whisper-1"], list.Body.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        Assert.Equal("""{"id":"whisper-1","object":"model","created":1793491200,"owned_by":"openai"}""", (await caller.Get("/v1/models/whisper-1")).Text);
        var unsold = await caller.Get("/v1/models/gpt-4o-transcribe");
        Assert.Equal((404, "model_not_found"), (unsold.Status, unsold.Code));
        Assert.Equal(404, (await caller.Transcribe(Recordings.Wav(1), ("model", "gpt-4o-transcribe"))).Status);
    }

    [Fact]
    public async Task No_file_two_files_no_audio_and_too_much_are_refused_in_OpenAIs_shape()
    {
        await using var world = await TestWorld.Start(settings: new() { ["MAX_AUDIO_BYTES"] = "20000" });
        var caller = await V1Caller.New(world, credits: 10);

        Assert.Equal((400, "file"), StatusAndParam(await caller.Send(V1Caller.Transcriptions, null)));
        Assert.Equal((400, "file"), StatusAndParam(await caller.Transcribe([])));
        Assert.Equal((400, "file"), StatusAndParam(await caller.Transcribe(new byte[5000])));
        Assert.Equal((400, "file"), StatusAndParam(await caller.Transcribe(Recordings.Wav(2)[..20])));
        Assert.Equal((413, "file"), StatusAndParam(await caller.Transcribe(Recordings.Wav(3))));
        Assert.Equal((400, "prompt"), StatusAndParam(await caller.Transcribe(Recordings.Wav(1), ("prompt", new string('p', 40_000)))));
        using var json = caller.Request(HttpMethod.Post, V1Caller.Transcriptions, new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal((400, "file"), StatusAndParam(await V1Reply.Of(world.Client.SendAsync(json))));
        Assert.Empty(await world.Requests());
        await caller.Owner.AssertUntouched(10);

        static (int, string?) StatusAndParam(V1Reply reply) => (reply.Status, reply.Param);
    }

    [Fact]
    public async Task The_fields_may_come_before_the_file_or_after_it()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        var form = new MultipartFormDataContent
        {
            { new StringContent("whisper-1"), "model" },
            { new StringContent("text"), "response_format" },
            { new ByteArrayContent(Recordings.Wav(1, Words)), "file", "speech" },
        };
        using var request = caller.Request(HttpMethod.Post, V1Caller.Transcriptions, form);

        Assert.Equal(Words + "\n", (await V1Reply.Of(world.Client.SendAsync(request), "text")).Text);
        // The provider goes by the name, so the name says what the bytes are.
        Assert.Equal("speech.wav", (await world.Heard()).GetProperty("file").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Every_answer_says_where_the_rate_limit_stands_and_429_when_to_come_back()
    {
        await using var world = await TestWorld.Start(settings: new() { ["RATELIMIT_AI_WORK"] = "2" });
        var caller = await V1Caller.New(world, credits: 10);

        var first = await caller.Transcribe(Recordings.Wav(1));
        var second = await caller.Transcribe(Recordings.Wav(1), ("model", "whisper-9"));
        var third = await caller.Transcribe(Recordings.Wav(1));

        Assert.Equal((200, 404, 429), (first.Status, second.Status, third.Status));
        Assert.Equal(["1", "0", "0"], new[] { first, second, third }.Select(reply => reply.Headers["x-ratelimit-remaining-requests"]));
        Assert.All([first, second, third], reply =>
        {
            Assert.Equal("2", reply.Headers["x-ratelimit-limit-requests"]);
            Assert.Matches(@"^\d+s$", reply.Headers["x-ratelimit-reset-requests"]);
            Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
        });
        Assert.Equal(("rate_limit_exceeded", "requests"), (third.Code, third.Error.GetProperty("type").GetString()));
        Assert.InRange(int.Parse(third.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal((9, 0), await caller.Owner.Wallet());

        // Keys of one account share its limit; another account has its own.
        Assert.Equal(429, (await (await V1Caller.Of(world, caller.Owner)).Transcribe(Recordings.Wav(1))).Status);
        Assert.Equal(200, (await (await V1Caller.New(world, credits: 1)).Transcribe(Recordings.Wav(1))).Status);
    }

    private static async Task<string> Straight(TestWorld world, string path, byte[] recording, string format)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai" + path)
        {
            Content = new MultipartFormDataContent
            {
                { new ByteArrayContent(recording), "file", "speech.wav" }, { new StringContent("whisper-1"), "model" }, { new StringContent(format), "response_format" },
            },
            Headers = { Authorization = new("Bearer", "sk-test") },
        };
        using var answer = await world.Sandbox.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
