using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Models;
using Tests.Specs;
using Xunit;
using static Tests.Sandbox.OpenAiCalls;

namespace Tests.Sandbox;

/// <summary>OpenAI's own library examines the sandbox; where it hides the wire, plain HTTP looks.</summary>
public sealed class OpenAiSandboxTests
{
    private const string Text = "The beach was full. Nobody, not even Ada, wanted to leave!";

    [Fact]
    public async Task TheOfficialLibraryReadsAShortTranscription()
    {
        await using var sandbox = await SandboxHost.Start();
        AudioTranscription heard = await Audio(sandbox, "whisper-1").TranscribeAudioAsync(Wav(8.47), "speech.wav");
        Assert.Equal(Text, heard.Text);
        AudioTranscription tokens = await Audio(sandbox, "gpt-4o-mini-transcribe").TranscribeAudioAsync(Wav(8.47), "speech.wav");
        Assert.Equal(Text, tokens.Text);
    }

    [Fact]
    public async Task TheOfficialLibraryReadsSegmentsAndWords()
    {
        await using var sandbox = await SandboxHost.Start();
        AudioTranscription heard = await Audio(sandbox, "whisper-1").TranscribeAudioAsync(Wav(8.5), "speech.wav", new AudioTranscriptionOptions
        {
            ResponseFormat = AudioTranscriptionFormat.Verbose,
            TimestampGranularities = AudioTimestampGranularities.Word | AudioTimestampGranularities.Segment,
            Language = "de",
        });

        Assert.Equal(TimeSpan.FromSeconds(8.5), heard.Duration);
        Assert.Equal("german", heard.Language);
        Assert.Equal(["The beach was full.", "Nobody, not even Ada, wanted to leave!"], heard.Segments.Select(segment => segment.Text.Trim()));
        Assert.Equal(["The", "beach", "was", "full", "Nobody", "not", "even", "Ada", "wanted", "to", "leave"], heard.Words.Select(word => word.Word));
        Assert.Equal(TimeSpan.Zero, heard.Segments[0].StartTime);
        Assert.Equal(heard.Segments[0].EndTime, heard.Segments[1].StartTime);
        Assert.Equal(TimeSpan.FromSeconds(8.5), heard.Segments[1].EndTime);
        Assert.All(heard.Words.Zip(heard.Words.Skip(1)), pair => Assert.True(pair.First.EndTime <= pair.Second.StartTime));
    }

    [Theory]
    [InlineData("text", "The beach was full. Nobody, not even Ada, wanted to leave!\n")]
    [InlineData("srt", "1\n00:00:00,000 --> 00:00:02,960\nThe beach was full.\n\n2\n00:00:02,960 --> 00:00:08,880\nNobody, not even Ada, wanted to leave!\n\n\n")]
    [InlineData("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:02.960\nThe beach was full.\n\n00:00:02.960 --> 00:00:08.880\nNobody, not even Ada, wanted to leave!\n\n")]
    public async Task PlainFormatsArePlainTextWithoutUsage(string format, string expected)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Post(sandbox, SandboxAudio.Wav(8.88, Text), ("model", "whisper-1"), ("response_format", format));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task UsageIsStartedSecondsForWhisperAndTokensForTheOthers()
    {
        await using var sandbox = await SandboxHost.Start();
        var whisper = await Json(await Post(sandbox, SandboxAudio.Wav(8.47, Text), ("model", "whisper-1"), ("response_format", "verbose_json")));
        Assert.Equal(8.47m, whisper.GetProperty("duration").GetDecimal());
        Assert.Equal("""{"type":"duration","seconds":9}""", whisper.GetProperty("usage").GetRawText());
        Assert.False(whisper.TryGetProperty("words", out _));

        var shortWhisper = await Json(await Post(sandbox, SandboxAudio.Wav(9, Text), ("model", "whisper-1")));
        Assert.Equal("""{"type":"duration","seconds":9}""", shortWhisper.GetProperty("usage").GetRawText());

        var words = await Json(await Post(sandbox, SandboxAudio.Wav(1, Text), ("model", "whisper-1"), ("response_format", "verbose_json"), ("timestamp_granularities[]", "word")));
        Assert.Equal(11, words.GetProperty("words").GetArrayLength());
        Assert.False(words.TryGetProperty("segments", out _));

        var usage = (await Json(await Post(sandbox, SandboxAudio.Wav(8.47, Text), ("model", "gpt-4o-transcribe"), ("prompt", "12345678")))).GetProperty("usage");
        Assert.Equal("tokens", usage.GetProperty("type").GetString());
        Assert.Equal((85, 2), (usage.GetProperty("input_token_details").GetProperty("audio_tokens").GetInt32(), usage.GetProperty("input_token_details").GetProperty("text_tokens").GetInt32()));
        Assert.Equal(87, usage.GetProperty("input_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), 87 + usage.GetProperty("output_tokens").GetInt32());

        var diarized = await Json(await Post(sandbox, SandboxAudio.Wav(8.47, Text), ("model", "gpt-4o-transcribe-diarize"), ("response_format", "diarized_json")));
        Assert.Equal(2, diarized.GetProperty("segments").GetArrayLength());
        Assert.Equal("duration", diarized.GetProperty("usage").GetProperty("type").GetString());
    }

    [Fact]
    public async Task WithoutATextItSaysThatNoModelListened()
    {
        await using var sandbox = await SandboxHost.Start();
        var heard = await Json(await Post(sandbox, SandboxAudio.Wav(1), ("model", "whisper-1")));
        Assert.Equal("This is the sandbox: no model listened to this recording.", heard.GetProperty("text").GetString());
    }

    [Fact]
    public async Task TheOfficialLibraryReadsAStream()
    {
        await using var sandbox = await SandboxHost.Start();
        // The library marks its streaming as unfinished; the wire it reads is the published one.
#pragma warning disable OPENAI001
        var deltas = new List<string>();
        string? whole = null;
        await foreach (var update in Audio(sandbox, "gpt-4o-transcribe").TranscribeAudioStreamingAsync(Wav(3), "speech.wav"))
        {
            switch (update)
            {
                case StreamingAudioTranscriptionTextDeltaUpdate delta:
                    deltas.Add(delta.Delta);
                    break;
                case StreamingAudioTranscriptionTextDoneUpdate done:
                    whole = done.Text;
                    break;
            }
        }

#pragma warning restore OPENAI001
        Assert.Equal(Text, whole);
        Assert.Equal(Text, string.Concat(deltas));
        Assert.True(deltas.Count > 5);
    }

    [Theory]
    [InlineData("gpt-4o-mini-transcribe", "json", true)]
    [InlineData("gpt-transcribe", "json", true)]
    [InlineData("gpt-4o-transcribe-diarize", "diarized_json", false)]
    public async Task EveryEventOfAStreamFitsTheSpecification(string model, string format, bool usage)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Post(sandbox, SandboxAudio.Wav(3, Text), ("model", model), ("response_format", format), ("stream", "true"));
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Null((await ProviderSpecs.OpenAi).CheckAnswer("POST", "/v1/audio/transcriptions", 200, "text/event-stream", bytes));
        var last = System.Text.Encoding.UTF8.GetString(bytes).Split("data: ")[^1];
        Assert.Contains("transcript.text.done", last, StringComparison.Ordinal);
        Assert.Equal(usage, last.Contains("\"usage\":{\"type\":\"tokens\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhisperIgnoresTheWishForAStream()
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Post(sandbox, SandboxAudio.Wav(3, Text), ("model", "whisper-1"), ("stream", "true"));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task TheOfficialLibraryReadsATranslation()
    {
        await using var sandbox = await SandboxHost.Start();
        AudioTranslation heard = await Audio(sandbox, "whisper-1").TranslateAudioAsync(Wav(2), "speech.wav", new AudioTranslationOptions { ResponseFormat = AudioTranslationFormat.Verbose });
        Assert.Equal(Text, heard.Text);
        Assert.Equal("english", heard.Language);
        Assert.Equal(TimeSpan.FromSeconds(2), heard.Duration);
    }

    [Fact]
    public async Task TheOfficialLibraryReadsTheModels()
    {
        await using var sandbox = await SandboxHost.Start();
        var client = new OpenAIModelClient(new ApiKeyCredential("sk-test"), Options(sandbox));
        OpenAIModelCollection all = await client.GetModelsAsync();
        Assert.Contains(all, model => model.Id == "whisper-1");
        OpenAIModel one = await client.GetModelAsync("gpt-4o-transcribe");
        Assert.Equal("gpt-4o-transcribe", one.Id);
        var missing = await Assert.ThrowsAsync<ClientResultException>(() => client.GetModelAsync("gpt-9"));
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task TheHeadersThatAServerRecordsAreThere()
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Post(sandbox, SandboxAudio.Wav(1), ("model", "whisper-1"));
        Assert.StartsWith("req_", answer.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
        Assert.True(long.Parse(answer.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 0);
        foreach (var name in new[] { "limit", "remaining", "reset" })
        {
            Assert.Single(answer.Headers.GetValues($"x-ratelimit-{name}-requests"));
            Assert.Single(answer.Headers.GetValues($"x-ratelimit-{name}-tokens"));
        }

        var logged = (await sandbox.Get("/_sandbox/requests?provider=openai"))[0];
        var said = JsonDocument.Parse(logged.GetProperty("body").GetString()!).RootElement;
        Assert.Equal("whisper-1", said.GetProperty("model").GetString());
        Assert.Equal("speech.wav", said.GetProperty("file").GetProperty("name").GetString());
    }

    [Fact]
    public async Task TheNextAnswersAreAsTheTestWroteThem()
    {
        await using var sandbox = await SandboxHost.Start();
        async Task<JsonElement> Next(object script)
        {
            await sandbox.Post("/_sandbox/openai/next", script);
            return await Json(await Post(sandbox, SandboxAudio.Wav(2, Text), ("model", "whisper-1"), ("response_format", "verbose_json")));
        }

        var more = await Next(new { usage = new { type = "duration", seconds = 61 }, duration = "60.5" });
        Assert.Equal(61, more.GetProperty("usage").GetProperty("seconds").GetInt32());
        Assert.Equal("\"60.5\"", more.GetProperty("duration").GetRawText());
        var none = await Next(new { usage = (object?)null, text = "Something else." });
        Assert.False(none.TryGetProperty("usage", out _));
        Assert.Equal("Something else.", none.GetProperty("text").GetString());
        Assert.Equal(2, none.GetProperty("duration").GetInt32());

        await sandbox.Post("/_sandbox/openai/next", new { body = "<html>", times = 2 });
        for (var time = 0; time < 2; time++)
        {
            using var nonsense = await Post(sandbox, SandboxAudio.Wav(2), ("model", "whisper-1"));
            Assert.Equal("<html>", await nonsense.Content.ReadAsStringAsync());
        }

        var usual = await Json(await Post(sandbox, SandboxAudio.Wav(2, Text), ("model", "whisper-1")));
        Assert.Equal(Text, usual.GetProperty("text").GetString());
    }

    [Fact]
    public async Task AnAnswerThatBreaksTheSpecificationIsHeldBack()
    {
        var options = new global::Sandbox.Core.SandboxOptions
        {
            InspectAnswer = (_, status, type, body) => $"{status} {type} {body.Length > 0}: not what was promised",
        };
        await using var sandbox = await SandboxHost.Start(options);
        using var answer = await Post(sandbox, SandboxAudio.Wav(2), ("model", "whisper-1"));
        Assert.Equal(599, (int)answer.StatusCode);
        Assert.Equal("200 application/json True: not what was promised", await answer.Content.ReadAsStringAsync());
    }

    private static OpenAIClientOptions Options(SandboxHost sandbox) => new()
    {
        Endpoint = new Uri(sandbox.Address + "/openai/v1"),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    };

    private static AudioClient Audio(SandboxHost sandbox, string model) => new(model, new ApiKeyCredential("sk-test"), Options(sandbox));

    private static MemoryStream Wav(double seconds) => new(SandboxAudio.Wav(seconds, Text));
}
