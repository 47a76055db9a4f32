using System.Net;
using System.Text.Json;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Plain HTTP towards the sandbox's OpenAI.</summary>
internal static class OpenAiCalls
{
    public static Task<HttpResponseMessage> Post(SandboxHost sandbox, byte[]? file, params (string Name, string Value)[] fields) =>
        Post(sandbox, file, "speech.wav", fields);

    public static async Task<HttpResponseMessage> Post(SandboxHost sandbox, byte[]? file, string fileName, (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        if (file is not null)
        {
            // First, as most clients send it: what is asked comes after what it is asked of.
            form.Add(new ByteArrayContent(file), "file", fileName);
        }

        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return await Send(sandbox, form);
    }

    public static async Task<HttpResponseMessage> Send(SandboxHost sandbox, HttpContent content, string? authorization = "Bearer sk-test", string path = "/openai/v1/audio/transcriptions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await sandbox.Http.SendAsync(request);
    }

    /// <summary>The body of an answer that must be a success.</summary>
    public static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {text}");
            return JsonDocument.Parse(text).RootElement;
        }
    }

    public static async Task Refused(HttpResponseMessage answer, int status, string? param, string? code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(field => field.Name));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }
}
