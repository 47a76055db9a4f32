using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.RegularExpressions;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Models;
using Tests.Specs;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>OpenAI's own libraries are pointed at our /v1 with one of our keys, and must not notice; every answer is held against OpenAI's specification.</summary>
public sealed partial class V1LibraryTests
{
    private const string Words = "Good morning. This is a test.";

    [Fact]
    public async Task The_library_for_Node_takes_us_for_OpenAI()
    {
        await using var world = await TestWorld.Start();
        var (caller, poor) = (await V1Caller.New(world, credits: 1000), await V1Caller.New(world, credits: 0));
        world.ExpectedViolations.Add("/openai/v1/audio/transcriptions");

        await SdkExaminer.Examine("server/openai.mjs", new()
        {
            ["SANDBOX_URL"] = world.SandboxAddress,
            ["SERVER_URL"] = world.Client.BaseAddress!.ToString().TrimEnd('/'),
            ["LEDGERLINE_KEY"] = caller.Key,
            ["POOR_KEY"] = poor.Key,
        });

        Assert.DoesNotContain("open", await caller.Owner.Holds());
        LogScrub.AssertClean(world.Logs, caller.Key, poor.Key, "This is a short recording");
    }

    [Fact]
    public async Task The_library_for_Node_talks_to_every_model_as_if_it_were_OpenAIs()
    {
        await using var world = await TestWorld.Start();
        var (caller, poor) = (await V1Caller.New(world, credits: 1000), await V1Caller.New(world, credits: 0));

        await SdkExaminer.Examine("server/chat.mjs", new()
        {
            ["SANDBOX_URL"] = world.SandboxAddress,
            ["SERVER_URL"] = world.Client.BaseAddress!.ToString().TrimEnd('/'),
            ["LEDGERLINE_KEY"] = caller.Key,
            ["POOR_KEY"] = poor.Key,
        });

        await TestWorld.Until(async () => !(await caller.Owner.Holds()).Contains("open"), "everything is settled");
        LogScrub.AssertClean(world.Logs, caller.Key, poor.Key, "What is a ledger?", "One two");
    }

    [Fact]
    public async Task The_library_for_Node_talks_aloud_as_if_it_were_with_OpenAI()
    {
        await using var world = await TestWorld.Start();
        var (caller, poor) = (await V1Caller.New(world, credits: 1000, scopes: ["realtime"]), await V1Caller.New(world, credits: 0, scopes: ["realtime"]));

        await SdkExaminer.Examine("server/realtime.mjs", new()
        {
            ["SANDBOX_URL"] = world.SandboxAddress,
            ["SERVER_URL"] = world.Client.BaseAddress!.ToString().TrimEnd('/'),
            ["LEDGERLINE_KEY"] = caller.Key,
            ["POOR_KEY"] = poor.Key,
        });

        await TestWorld.Until(async () => !(await caller.Owner.Holds()).Contains("open"), "everything is settled");
        LogScrub.AssertClean(world.Logs, caller.Key, poor.Key, "Be kind", "A tone of");
    }

    [Fact]
    public async Task The_library_for_dotnet_reads_every_format()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 100);
        var whisper = Audio(world, caller.Key, "whisper-1");

        AudioTranscription simple = await whisper.TranscribeAudioAsync(Recording(), "speech.wav");
        Assert.Equal(Words, simple.Text);
        AudioTranscription verbose = await whisper.TranscribeAudioAsync(Recording(), "speech.wav", new AudioTranscriptionOptions
        {
            ResponseFormat = AudioTranscriptionFormat.Verbose,
            TimestampGranularities = AudioTimestampGranularities.Word | AudioTimestampGranularities.Segment,
            Language = "de",
            Temperature = 0.5f,
            Prompt = "Grüße",
        });
        Assert.Equal((TimeSpan.FromSeconds(8), "german", 6, 2), (verbose.Duration!.Value, verbose.Language, verbose.Words.Count, verbose.Segments.Count));
        foreach (var format in new[] { AudioTranscriptionFormat.Text, AudioTranscriptionFormat.Srt, AudioTranscriptionFormat.Vtt })
        {
            AudioTranscription plain = await whisper.TranscribeAudioAsync(Recording(), "speech.wav", new AudioTranscriptionOptions { ResponseFormat = format });
            Assert.Contains("Good morning.", plain.Text, StringComparison.Ordinal);
        }

        AudioTranscription tokens = await Audio(world, caller.Key, "gpt-4o-transcribe").TranscribeAudioAsync(Recording(), "speech.wav");
        Assert.Equal(Words, tokens.Text);
        AudioTranslation translated = await whisper.TranslateAudioAsync(Recording(), "speech.wav");
        Assert.Equal(Words, translated.Text);
        AudioTranslation long_ = await whisper.TranslateAudioAsync(Recording(), "speech.wav", new AudioTranslationOptions { ResponseFormat = AudioTranslationFormat.Verbose });
        Assert.Equal(TimeSpan.FromSeconds(8), long_.Duration);
        Assert.Equal((92, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task The_library_for_dotnet_reads_a_stream()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        // The library marks its streaming as unfinished; the wire it reads is the published one.
#pragma warning disable OPENAI001
        var deltas = new List<string>();
        string? whole = null;
        await foreach (var update in Audio(world, caller.Key, "gpt-4o-transcribe").TranscribeAudioStreamingAsync(Recording(), "speech.wav"))
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
        Assert.Equal((Words, Words), (whole, string.Concat(deltas)));
        Assert.Equal((9, 0), await caller.Owner.Wallet());
    }

    [Fact]
    public async Task The_library_for_dotnet_lists_the_models()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 0);
        var models = new OpenAIModelClient(new ApiKeyCredential(caller.Key), Options(world));

        OpenAIModelCollection all = await models.GetModelsAsync();
        Assert.Contains("whisper-1", all.Select(model => model.Id));
        OpenAIModel one = await models.GetModelAsync("whisper-1");
        Assert.Equal("openai", one.OwnedBy);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => models.GetModelAsync("whisper-9"))).Status);
    }

    [Fact]
    public async Task The_library_for_dotnet_is_refused_with_the_right_status_and_asks_again_only_where_that_helps()
    {
        await using var world = await TestWorld.Start();
        var (caller, poor) = (await V1Caller.New(world, credits: 10), await V1Caller.New(world, credits: 0));

        var (broke, brokeSent) = await Refused(poor.Key, "whisper-1", retries: 2);
        Assert.Equal((402, 1), (broke.Status, brokeSent));
        Assert.Contains("insufficient_credits", broke.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);
        Assert.Equal(401, (await Refused("lk_wrong", "whisper-1", retries: 2)).Failure.Status);
        Assert.Equal(404, (await Refused(caller.Key, "whisper-9", retries: 2)).Failure.Status);

        await world.Fails(new { status = 500 });
        var counter = new Counter();
        AudioTranscription heard = await Audio(world, caller.Key, "whisper-1", counter, retries: 2).TranscribeAudioAsync(Recording(), "speech.wav");
        Assert.Equal((Words, 2), (heard.Text, counter.Sent));
        Assert.Equal((9, 0), await caller.Owner.Wallet());

        async Task<(ClientResultException Failure, int Sent)> Refused(string key, string model, int retries)
        {
            var sent = new Counter();
            return (await Assert.ThrowsAsync<ClientResultException>(() => Audio(world, key, model, sent, retries).TranscribeAudioAsync(Recording(), "speech.wav")), sent.Sent);
        }
    }

    private static MemoryStream Recording() => new(Recordings.Wav(8, Words));

    private static AudioClient Audio(TestWorld world, string key, string model, Counter? counter = null, int retries = 0) =>
        new(model, new ApiKeyCredential(key), Options(world, counter, retries));

    private static OpenAIClientOptions Options(TestWorld world, Counter? counter = null, int retries = 0) => new()
    {
        Endpoint = new Uri(world.Client.BaseAddress!, "/v1"),
        RetryPolicy = new ClientRetryPolicy(retries),
        Transport = new HttpClientPipelineTransport(new HttpClient(counter ?? new Counter())),
    };

    /// <summary>Counts what is sent, and holds every answer against the specification.</summary>
    private sealed partial class Counter() : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Sent { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            byte[] sent = request.Content is null ? [] : await Buffered(request.Content, cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.Content.Headers.ContentType?.MediaType != SpecBody.EventStream)
            {
                var body = await Buffered(answer.Content, cancellationToken);
                Assert.Null((await ProviderSpecs.OpenAi).CheckAnswer(
                    request.Method.Method, request.RequestUri!.AbsolutePath, (int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), body,
                    new Dictionary<string, string> { ["response_format"] = Format().Match(Encoding.Latin1.GetString(sent)).Groups[1].Value }));
            }

            return answer;
        }

        // The library gives its file no content type, so the form is no form to the specification.
        [GeneratedRegex("""name="?response_format"?\r\n(?:[^\r\n]+\r\n)*\r\n(\w+)""")]
        private static partial Regex Format();

        private static async Task<byte[]> Buffered(HttpContent content, CancellationToken stop)
        {
            await content.LoadIntoBufferAsync(stop);
            return await content.ReadAsByteArrayAsync(stop);
        }
    }
}
