using System.Text;
using Xunit;

namespace Tests.Specs;

/// <summary>The validator itself, on OpenAI and Google: multipart, answers by response format, event streams.</summary>
public sealed class OpenAiSpecTests
{
    private const string Transcriptions = "/v1/audio/transcriptions";
    private const string Short = """{"text":"hello","usage":{"type":"duration","seconds":9}}""";
    private const string Verbose = """{"task":"transcribe","language":"english","duration":8.47,"text":"hello","usage":{"type":"duration","seconds":9}}""";

    [Fact]
    public async Task AnUploadAsOpenAiTakesItPasses() =>
        Assert.Null(await CheckUpload(
            ("model", "whisper-1"), ("response_format", "verbose_json"), ("temperature", "0.2"), ("timestamp_granularities[]", "segment"), ("timestamp_granularities[]", "word")));

    [Theory]
    [InlineData("response_format", "xml", "the parameter response_format is \"xml\", not one of json, text, srt")]
    [InlineData("temperature", "warm", "the parameter temperature should be a number, not \"warm\"")]
    [InlineData("timestamp_granularities[]", "letter", "the parameter timestamp_granularities[0] is \"letter\", not one of word, segment")]
    [InlineData("timestamp_granularities", "word", "the parameter timestamp_granularities should be a list")]
    [InlineData("langauge", "de", "the parameter langauge is not in the specification")]
    [InlineData("stream", "yes", "the parameter stream should be true or false")]
    public async Task AMistakeInAFieldIsNamed(string name, string value, string violation) =>
        Assert.Contains(violation, await CheckUpload(("model", "whisper-1"), (name, value)), StringComparison.Ordinal);

    [Fact]
    public async Task WhatIsMissingIsNamed()
    {
        Assert.Contains("the parameter model is missing", await CheckUpload(), StringComparison.Ordinal);
        Assert.Contains("the parameter file is missing", await Check(new MultipartFormDataContent { { new StringContent("whisper-1"), "model" } }), StringComparison.Ordinal);
        Assert.Contains("the file file needs a file name with an extension", await Check(Upload("speech")), StringComparison.Ordinal);
        using var plain = new MultipartFormDataContent { { new StringContent("whisper-1"), "model" }, { new StringContent("bytes"), "file" } };
        Assert.Contains("the parameter file is not sent as a file", await Check(plain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 200, Short, null)]
    [InlineData("verbose_json", 200, Verbose, null)]
    [InlineData("verbose_json", 200, Short, "the field language is missing")]
    [InlineData("diarized_json", 200, Verbose, "the field segments is missing")]
    [InlineData("json", 200, """{"text":"x","usage":{"type":"seconds","seconds":9}}""", "the field usage.type is \"seconds\", not one of ")]
    [InlineData("json", 200, """{"text":"x","usage":{"type":"duration","seconds":"9"}}""", "the field usage.seconds should be a number, not \"9\"")]
    [InlineData("text", 200, Short, "response_format text is plain text, not JSON")]
    [InlineData("json", 201, Short, "the specification has no such status")]
    [InlineData("json", 400, """{"error":{"message":"m","type":"t","param":null,"code":null}}""", null)]
    [InlineData("json", 400, """{"error":{"message":"m","type":"t"}}""", "the field error.")]
    public async Task AnAnswerHasTheShapeItsFormatPromises(string? format, int status, string body, string? violation)
    {
        var fields = format is null ? null : new Dictionary<string, string> { ["response_format"] = format };
        var found = (await ProviderSpecs.OpenAi).CheckAnswer("POST", Transcriptions, status, "application/json", Encoding.UTF8.GetBytes(body), fields);
        Assert.True(violation is null ? found is null : found?.Contains(violation, StringComparison.Ordinal), found ?? "Nothing was found.");
    }

    [Theory]
    [InlineData("data: {\"type\":\"transcript.text.delta\",\"delta\":\"he\"}\n\n: still here\n\ndata: {\"type\":\"transcript.text.done\",\"text\":\"he\"}\n\ndata: [DONE]\n\n", null)]
    [InlineData("data: {\"type\":\"transcript.text.delta\"}\n\n", "the field delta is missing")]
    [InlineData("data: {\"type\":\"transcript.text.ended\",\"text\":\"he\"}\n\n", "the field type is \"transcript.text.ended\"")]
    public async Task EveryEventOfAStreamIsChecked(string stream, string? violation)
    {
        var found = (await ProviderSpecs.OpenAi).CheckAnswer("POST", Transcriptions, 200, "text/event-stream", Encoding.UTF8.GetBytes(stream));
        Assert.True(violation is null ? found is null : found?.Contains(violation, StringComparison.Ordinal), found ?? "Nothing was found.");
    }

    [Theory]
    [InlineData("""{"id":"1","email":"a@example.com","verified_email":true}""", null)]
    [InlineData("""{"id":1}""", "the field id should be a string, not 1")]
    public async Task GoogleUserinfoIsChecked(string body, string? violation)
    {
        var found = (await ProviderSpecs.Google).CheckAnswer("GET", "/oauth2/v2/userinfo", 200, "application/json", Encoding.UTF8.GetBytes(body));
        Assert.True(violation is null ? found is null : found?.Contains(violation, StringComparison.Ordinal), found ?? "Nothing was found.");
    }

    private static Task<string?> CheckUpload(params (string Name, string Value)[] fields)
    {
        var upload = Upload("speech.wav");
        foreach (var (name, value) in fields)
        {
            upload.Add(new StringContent(value), name);
        }

        return Check(upload);
    }

    private static MultipartFormDataContent Upload(string fileName)
    {
        var file = new ByteArrayContent("RIFF"u8.ToArray());
        file.Headers.ContentType = new("audio/wav");
        return new MultipartFormDataContent { { file, "file", fileName } };
    }

    private static async Task<string?> Check(MultipartFormDataContent upload) =>
        (await ProviderSpecs.OpenAi).CheckRequest("POST", Transcriptions, null, upload.Headers.ContentType?.ToString(), await upload.ReadAsByteArrayAsync());
}
