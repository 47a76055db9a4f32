using System.Net.Http.Json;
using System.Text.Json;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Plain HTTP towards the sandbox's two chat providers.</summary>
internal static class ChatCalls
{
    public const string GeminiModel = "/gemini/v1beta/models/gemini-2.5-flash";
    public const string Completions = "/openai/v1/chat/completions";

    /// <summary>A prompt of Gemini's with one question.</summary>
    public static object Prompt(string question) => new { contents = new[] { new { role = "user", parts = new[] { new { text = question } } } } };

    public static async Task<HttpResponseMessage> Gemini(SandboxHost sandbox, string method, object body, string? key = "AIza-test")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{GeminiModel}:{method}") { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("x-goog-api-key", key);
        }

        return await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <param name="body">A text is sent as it stands.</param>
    public static async Task<HttpResponseMessage> AskOpenAi(SandboxHost sandbox, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Completions)
        {
            Content = body is string json ? new StringContent(json, System.Text.Encoding.UTF8, "application/json") : JsonContent.Create(body),
        };
        request.Headers.Authorization = new("Bearer", "sk-test");
        return await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static object Question(string text, bool stream = false) =>
        new { model = "gpt-5-mini", stream, messages = new[] { new { role = "user", content = text } } };

    public static async Task<JsonElement> Json(HttpResponseMessage answer, int status = 200)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
            return JsonDocument.Parse(text).RootElement;
        }
    }

    /// <summary>The bytes of a stream, each event of which fits the specification.</summary>
    public static async Task<string> Stream(HttpResponseMessage answer, SpecBundle bundle, string path)
    {
        using (answer)
        {
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
            var body = await answer.Content.ReadAsByteArrayAsync();
            Assert.Null(bundle.CheckAnswer("POST", path, (int)answer.StatusCode, "text/event-stream", body));
            return System.Text.Encoding.UTF8.GetString(body);
        }
    }
}
