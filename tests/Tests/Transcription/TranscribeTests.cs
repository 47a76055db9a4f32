using System.Text.Json;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>A recording becomes text and is charged to the second.</summary>
public sealed class TranscribeTests
{
    [Theory, EveryDatabase]
    public async Task A_spoken_recording_is_read_back_and_charged(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 100);

        var reply = await customer.Transcribe(Recordings.Spoken(), "fox.wav", "?language=en");

        Assert.Equal(200, reply.Status);
        Assert.Equal(Recordings.Sentence, reply.Body.GetProperty("text").GetString());
        Assert.Equal(1, reply.Body.GetProperty("credits_used").GetInt64());
        Assert.Equal(99, reply.Body.GetProperty("credits_remaining").GetInt64());
        Assert.InRange(reply.Body.GetProperty("duration_seconds").GetDecimal(), 1, 15);
        Assert.Equal((99, 0), await customer.Wallet());
        Assert.Equal(["captured"], await customer.Holds());

        var usage = Assert.Single(await customer.Usage());
        Assert.Equal(("transcribe", "whisper-1", 1_000_000, "provider_usage", "done"),
            (usage.Action, usage.Model, usage.CreditsMicro, usage.Basis, usage.Reason));
        Assert.False(string.IsNullOrEmpty(usage.ProviderRequestId));
        var metadata = JsonDocument.Parse(usage.Metadata).RootElement;
        Assert.Equal("fox.wav", metadata.GetProperty("filename").GetString());
        Assert.Equal(Recordings.Spoken().Length, metadata.GetProperty("file_size").GetInt64());
        Assert.Equal("en", metadata.GetProperty("language").GetString());
    }

    [Theory]
    [InlineData("0.1", 1, "0.1", "transcribe: 0.1s")]
    [InlineData("15.0", 1, "15.0", "transcribe: 15.0s")]
    [InlineData("15.01", 2, "15.01", "transcribe: 15.0s")]
    [InlineData("31.0", 3, "31.0", "transcribe: 31.0s")]
    [InlineData("12.34", 1, "12.34", "transcribe: 12.3s")]
    [InlineData("600", 40, "600.0", "transcribe: 600.0s")]
    public async Task Each_started_quarter_of_a_minute_costs_a_credit(string seconds, long credits, string shown, string description)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 100);

        var reply = await customer.Transcribe(Recordings.Wav(decimal.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture), "Hello."));

        Assert.Equal(200, reply.Status);
        Assert.Equal(
            $$"""{"text":"Hello.","duration_seconds":{{shown}},"credits_used":{{credits}},"credits_remaining":{{100 - credits}}}""", reply.Text);
        Assert.Equal([(-credits, description)], await customer.Ledger("usage"));
        Assert.Equal(100 - credits, (await customer.Wallet()).Available);
    }

    [Fact]
    public async Task The_last_credits_pay_for_the_last_recording()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 40);

        Assert.Equal(0, (await customer.Transcribe(Recordings.Wav(600))).Body.GetProperty("credits_remaining").GetInt64());

        var refused = await customer.Transcribe(Recordings.Wav(0.1m));
        Assert.Equal(402, refused.Status);
        Assert.Equal(
            """{"detail":{"error":"Insufficient credits","code":"INSUFFICIENT_CREDITS","credits_needed":1,"credits_available":0}}""", refused.Text);
        Assert.Single(await world.Requests());
    }

    [Theory]
    [InlineData("mp3")]
    [InlineData("webm")]
    [InlineData("m4a")]
    [InlineData("ogg")]
    [InlineData("flac")]
    public async Task Every_format_is_told_by_its_bytes(string extension)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 100);

        // The client's name lies about the format; what reaches the provider does not.
        var reply = await customer.Transcribe(Recordings.Spoken(extension), "recording.txt");

        Assert.Equal(200, reply.Status);
        Assert.Equal(1, reply.Body.GetProperty("credits_used").GetInt64());
        Assert.Equal($"recording.txt.{(extension == "m4a" ? "mp4" : extension)}", (await world.Heard()).GetProperty("file").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("memo.wav", "memo.wav")]
    [InlineData("MEMO.WAV", "MEMO.WAV")]
    [InlineData("meeting 12.30", "meeting 12.30.wav")]
    [InlineData("日本の録音.wav", "日本の録音.wav")]
    [InlineData("C:\\Users\\me\\memo.wav", "memo.wav")]
    [InlineData("../../etc/passwd", "passwd.wav")]
    [InlineData("a;b=c&d.wav", "a;b=c&d.wav")]
    public async Task The_file_name_is_kept_as_far_as_it_is_one(string given, string sent)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 1);

        using var form = new MultipartFormDataContent { HeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        var part = new ByteArrayContent(Recordings.Wav(1));
        part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"audio\"; filename=\"{given.Replace("\\", "\\\\", StringComparison.Ordinal)}\"");
        form.Add(part);
        Assert.Equal(200, (await customer.Post(form)).Status);

        Assert.Equal(sent, (await world.Heard()).GetProperty("file").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("?language=", null)]
    [InlineData("?language=ja", "ja")]
    [InlineData("?language=en-US", "en")]
    [InlineData("?language=yue", "yue")]
    public async Task The_language_reaches_the_provider_as_it_knows_it(string query, string? sent)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 1);

        Assert.Equal(200, (await customer.Transcribe(Recordings.Wav(1), query: query)).Status);

        var heard = await world.Heard();
        Assert.Equal(sent, heard.TryGetProperty("language", out var language) ? language.GetString() : null);
        Assert.Equal("whisper-1", heard.GetProperty("model").GetString());
        Assert.Equal("verbose_json", heard.GetProperty("response_format").GetString());
    }

    [Fact]
    public async Task Another_model_is_asked_in_the_format_it_has()
    {
        await using var world = await TestWorld.Start(settings: new() { ["OPENAI_TRANSCRIBE_MODEL"] = "gpt-4o-mini-transcribe" });
        var customer = await Customer.New(world, credits: 3);

        var reply = await customer.Transcribe(Recordings.Wav(31, "Good evening."));

        // It bills by tokens and says no length: what was decoded counts.
        Assert.Equal("""{"text":"Good evening.","duration_seconds":31.0,"credits_used":3,"credits_remaining":0}""", reply.Text);
        Assert.Equal("json", (await world.Heard()).GetProperty("response_format").GetString());
        var usage = Assert.Single(await customer.Usage());
        Assert.Equal(("decoded", "gpt-4o-mini-transcribe", 31 * 50L), (usage.Basis, usage.Model, usage.CostMicroUsd));
    }

    [Fact]
    public async Task Who_is_not_signed_in_uploads_nothing()
    {
        await using var world = await TestWorld.Start();
        using var form = Customer.Form(Recordings.Wav(1));

        using var answer = await world.Client.PostAsync("/api/transcribe", form);

        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Empty(await world.Requests());
    }
}
