using System.Net;
using System.Net.Http.Headers;
using Xunit;
using static Tests.Sandbox.OpenAiCalls;

namespace Tests.Sandbox;

/// <summary>What OpenAI would refuse, the sandbox refuses: the status, the shape, the field that was wrong.</summary>
public sealed class OpenAiRefusalTests
{
    public static TheoryData<string, string, int, string?, string?> Refusals() => new()
    {
        { "model=gpt-9", "speech.wav", 404, null, "model_not_found" },
        { "", "speech.wav", 400, "model", null },
        { "model=whisper-1&response_format=xml", "speech.wav", 400, "response_format", "invalid_value" },
        { "model=gpt-4o-transcribe&response_format=verbose_json", "speech.wav", 400, "response_format", "invalid_value" },
        { "model=whisper-1&timestamp_granularities[]=word", "speech.wav", 400, "timestamp_granularities", "invalid_value" },
        { "model=whisper-1&temperature=2", "speech.wav", 400, "temperature", "invalid_value" },
        { "model=whisper-1&temperature=NaN", "speech.wav", 400, "temperature", "invalid_value" },
        { "model=whisper-1&stream=maybe", "speech.wav", 400, "stream", "invalid_value" },
        { "model=whisper-1&include[]=logprobs", "speech.wav", 400, "include", "invalid_value" },
        { "model=whisper-1&langauge=de", "speech.wav", 400, "langauge", "unknown_parameter" },
        { "model=gpt-4o-transcribe-diarize&prompt=x", "speech.wav", 400, "prompt", "invalid_value" },
        { "model=whisper-1", "speech.txt", 400, "file", null },
        { "model=whisper-1", "speech", 400, "file", null },
        { "model=whisper-1", "text.wav", 400, "file", "invalid_value" },
        { "model=whisper-1", "short.wav", 400, "file", "audio_too_short" },
        { "model=whisper-1", "", 400, "file", "missing_required_parameter" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task AMistakeIsRefusedInOpenAisShape(string fields, string file, int status, string? param, string? code)
    {
        await using var sandbox = await SandboxHost.Start();
        var bytes = file switch { "text.wav" => "Just a text."u8.ToArray(), "short.wav" => SandboxAudio.Wav(0.05), "" => null, _ => SandboxAudio.Wav(1) };
        var pairs = fields.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(field => (field.Split('=')[0], field.Split('=')[1])).ToArray();
        using var answer = await Post(sandbox, bytes, file, pairs);
        await Refused(answer, status, param, code);
    }

    [Fact]
    public async Task ABrokenFormAndAStrangeBodyAreRefused()
    {
        await using var sandbox = await SandboxHost.Start();
        using var json = await Send(sandbox, new StringContent("{}", new MediaTypeHeaderValue("application/json")));
        await Refused(json, 400, null, null);
        var cut = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF"u8.ToArray());
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        using var broken = await Send(sandbox, cut);
        await Refused(broken, 400, null, null);
        using var nowhere = await Send(sandbox, new StringContent(""), path: "/openai/v1/nowhere");
        await Refused(nowhere, 404, null, null);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Bearer key-of-somebody", "invalid_api_key")]
    [InlineData("Bearer sk-", "invalid_api_key")]
    public async Task WithoutAKeyNothingIsHeard(string? authorization, string? code)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Send(sandbox, new StringContent(""), authorization);
        await Refused(answer, 401, null, code);
    }

    [Fact]
    public async Task TwentyFiveMebibytesPassAndOneByteMoreDoesNot()
    {
        const int limit = 26_214_400;
        await using var sandbox = await SandboxHost.Start();
        var sound = SandboxAudio.Wav(1);
        Array.Resize(ref sound, limit);
        using var passes = await Post(sandbox, sound, ("model", "whisper-1"));
        Assert.Equal(HttpStatusCode.OK, passes.StatusCode);
        Array.Resize(ref sound, limit + 1);
        using var tooLarge = await Post(sandbox, sound, ("model", "whisper-1"));
        await Refused(tooLarge, 413, null, null);
    }
}
