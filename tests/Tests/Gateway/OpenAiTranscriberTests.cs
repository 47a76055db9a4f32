using System.Net;
using System.Text;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;
using Xunit;

namespace Tests.Gateway;

/// <summary>What is sent to OpenAI, byte by byte, and what is made of its failures.</summary>
public sealed class OpenAiTranscriberTests
{
    [Theory]
    [InlineData("plain.wav", "plain.wav")]
    [InlineData("quote\".wav", "quote%22.wav")]
    [InlineData("a\r\nContent-Type: text/html\r\n\r\n.wav", "a__Content-Type: text_html____.wav")]
    [InlineData("back\\slash/es.wav", "back_slash_es.wav")]
    [InlineData("録音.wav", "録音.wav")]
    [InlineData("nul\0.wav", "nul_.wav")]
    public async Task No_file_name_breaks_out_of_its_header(string name, string sent)
    {
        using var wire = new Recorder("""{"text":"x"}""");

        await Transcribe(wire, Order(name));

        var parts = wire.Body.Split("\r\n\r\n");
        Assert.Contains($"Content-Disposition: form-data; name=\"file\"; filename=\"{sent}\"\r\n", wire.Body.Replace("\r\n\r\n", "\r\n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(1, parts.Count(part => part.StartsWith("THE AUDIO", StringComparison.Ordinal)));
        Assert.DoesNotContain("\nContent-Type: text/html", wire.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whisper-1", "en-US", "verbose_json", "en")]
    [InlineData("gpt-4o-transcribe", null, "json", null)]
    [InlineData("large-v3", "ja", "verbose_json", "ja")]
    public async Task The_fields_fit_the_model(string model, string? language, string format, string? sent)
    {
        using var wire = new Recorder("""{"text":"x"}""");

        await Transcribe(wire, Order("a.wav") with { Model = model, Language = language });

        Assert.Equal(model, Field(wire.Body, "model"));
        Assert.Equal(format, Field(wire.Body, "response_format"));
        Assert.Equal(sent, Field(wire.Body, "language"));
        Assert.Equal("Bearer sk-secret", wire.Authorization);
        Assert.Equal("http://provider/v1/audio/transcriptions", wire.Address);
    }

    [Fact]
    public async Task The_answer_is_read_exactly()
    {
        using var wire = new Recorder(
            """{"task":"transcribe","segments":[{"text":"not this"}],"usage":{"seconds":9,"type":"duration"},"language":"english","duration":8.470000267028809,"text":"This."}""");

        var transcript = await Transcribe(wire, Order("a.wav"));

        Assert.Equal(new Transcript("This.", "english", new Consumption(9, 8.470000267028809m, "req_1")), transcript);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-secret","type":"x","param":null,"code":"invalid_api_key"}}""", "OpenAI answered 401 (invalid_api_key).")]
    [InlineData(429, """{"error":{"message":"m","type":"x","param":null,"code":"insufficient_quota"}}""", "OpenAI answered 429 (insufficient_quota).")]
    [InlineData(400, """{"error":{"message":"m","code":"sk-secret"}}""", "OpenAI answered 400.")]
    [InlineData(500, "sk-secret", "OpenAI answered 500.")]
    [InlineData(502, "", "OpenAI answered 502.")]
    [InlineData(503, """["sk-secret"]""", "OpenAI answered 503.")]
    public async Task A_failure_is_told_in_our_own_words(int status, string body, string sentence)
    {
        using var wire = new Recorder(body, (HttpStatusCode)status);

        var failure = await Assert.ThrowsAnyAsync<ModelFailure>(() => Transcribe(wire, Order("a.wav")));

        Assert.Equal((ModelFailure.Upstream, sentence), (failure.Reason, failure.Message));
    }

    [Fact]
    public async Task Without_a_key_nobody_is_asked()
    {
        using var wire = new Recorder("{}");

        var failure = await Assert.ThrowsAnyAsync<ModelFailure>(() => Transcribe(wire, Order("a.wav"), key: null));

        Assert.Equal(ModelFailure.NotConfigured, failure.Reason);
        Assert.Equal("", wire.Address);
    }

    [Fact]
    public async Task Who_calls_it_off_is_not_told_of_a_time_out()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        using var wire = new Recorder("{}");
        using var http = Client(wire);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Of(http, "sk-secret").Transcribe(Order("a.wav"), stop.Token));
    }

    private static TranscriptionOrder Order(string name) => new("whisper-1", new MemoryStream("THE AUDIO"u8.ToArray()), name, "audio/wav", null);

    private static HttpClient Client(HttpMessageHandler wire) => new(wire, disposeHandler: false) { BaseAddress = new Uri("http://provider/") };

    private static async Task<Transcript> Transcribe(Recorder wire, TranscriptionOrder order, string? key = "sk-secret")
    {
        using var http = Client(wire);
        return await Of(http, key).Transcribe(order, CancellationToken.None);
    }

    private static OpenAiTranscriber Of(HttpClient http, string? key) =>
        new(new OpenAiAudio(http, new OpenAiOptions(key, "http://provider", "whisper-1"), TimeProvider.System));

    private static string? Field(string body, string name)
    {
        var mark = $"Content-Disposition: form-data; name=\"{name}\"\r\n\r\n";
        var at = body.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? null : body[(at + mark.Length)..].Split("\r\n")[0];
    }

    private sealed class Recorder(string answer, HttpStatusCode status = HttpStatusCode.OK) : HttpMessageHandler
    {
        public string Body { get; private set; } = "";
        public string Address { get; private set; } = "";
        public string? Authorization { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Address = request.RequestUri!.ToString();
            Authorization = request.Headers.Authorization?.ToString();
            Body = Encoding.UTF8.GetString(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            var reply = new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
            reply.Headers.Add("x-request-id", "req_1");
            return reply;
        }
    }
}
