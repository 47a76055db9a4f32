using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Specs;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1;

/// <summary>An answer below /v1 as a program sees it; it fits OpenAI's specification, or the test fails.</summary>
internal sealed record V1Reply(int Status, string Text, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;
    public JsonElement Error => Body.GetProperty("error");
    public string? Code => Error.GetProperty("code").GetString();
    public string? Param => Error.GetProperty("param").GetString();
    public bool Replayed => Headers.ContainsKey("Idempotency-Replayed");
    public decimal Cost => decimal.Parse(Headers["x-ledgerline-cost-credits"], CultureInfo.InvariantCulture);
    public decimal Balance => decimal.Parse(Headers["x-ledgerline-balance-credits"], CultureInfo.InvariantCulture);

    public static async Task<V1Reply> Of(Task<HttpResponseMessage> sending, string? format = null)
    {
        using var answer = await sending;
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var (request, type) = (answer.RequestMessage!, answer.Content.Headers.ContentType?.ToString());
        Assert.Null((await ProviderSpecs.OpenAi).CheckAnswer(
            request.Method.Method, request.RequestUri!.AbsolutePath, (int)answer.StatusCode, type, bytes,
            format is null ? null : new Dictionary<string, string> { ["response_format"] = format }));
        return new V1Reply(
            (int)answer.StatusCode,
            System.Text.Encoding.UTF8.GetString(bytes),
            type,
            answer.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>A program with an API key of somebody who has credits.</summary>
internal sealed class V1Caller(TestWorld world, Customer owner, string keyId, string key)
{
    public const string Transcriptions = "/v1/audio/transcriptions";
    public const string Completions = "/v1/chat/completions";
    public const string Translations = "/v1/audio/translations";

    public Customer Owner => owner;
    public string KeyId => keyId;
    public string Key => key;

    public static async Task<V1Caller> New(TestWorld world, long credits, decimal? limit = null, string[]? scopes = null) =>
        await Of(world, await Customer.New(world, credits), limit, scopes);

    /// <summary>One more key of the same person.</summary>
    public static async Task<V1Caller> Of(TestWorld world, Customer owner, decimal? limit = null, string[]? scopes = null, string? expires = null)
    {
        using var request = owner.Request(HttpMethod.Post, "/api/keys", JsonContent.Create(new
        {
            name = "A test",
            scopes = scopes ?? ["transcription", "chat", "models"],
            spend_limit_credits = limit,
            expires_at = expires,
        }));
        var made = await Reply.Of(world.Client.SendAsync(request));
        Assert.True(made.Status == 200, made.Text);
        return new V1Caller(world, owner, made.Body.GetProperty("id").GetString()!, made.Body.GetProperty("key").GetString()!);
    }

    /// <summary>The owner's own token in the place of a key.</summary>
    public static V1Caller Person(TestWorld world, Customer owner) => new(world, owner, "", owner.Token);

    public Task<V1Reply> Transcribe(byte[] audio, params (string Name, string Value)[] fields) => Send(Transcriptions, audio, fields);

    public async Task<V1Reply> Send(
        string path, byte[]? audio, (string Name, string Value)[]? fields = null, (string Name, string Value)[]? headers = null, HttpClient? node = null,
        string fileName = "speech.wav", CancellationToken stop = default)
    {
        fields ??= [];
        using var request = Request(path, audio, fields, headers ?? [], fileName);
        return await V1Reply.Of((node ?? world.Client).SendAsync(request, stop), fields.FirstOrDefault(field => field.Name == "response_format").Value);
    }

    public HttpRequestMessage Request(
        string path, byte[]? audio, (string Name, string Value)[] fields, (string Name, string Value)[] headers, string fileName = "speech.wav")
    {
        var form = new MultipartFormDataContent();
        if (audio is not null)
        {
            form.Add(new ByteArrayContent(audio), "file", fileName);
        }

        if (!fields.Any(field => field.Name == "model"))
        {
            form.Add(new StringContent("whisper-1"), "model");
        }

        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        var request = Request(HttpMethod.Post, path, form);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public Task<V1Reply> Chat(object body, params (string Name, string Value)[] headers) => Chat(JsonSerializer.Serialize(body), headers);

    public async Task<V1Reply> Chat(string body, (string Name, string Value)[]? headers = null, HttpClient? node = null, CancellationToken stop = default)
    {
        using var request = ChatRequest(body, headers ?? []);
        return await V1Reply.Of((node ?? world.Client).SendAsync(request, stop));
    }

    /// <summary>A stream however it ends: how one breaks off is in no specification.</summary>
    public async Task<string> ChatStream(string body)
    {
        using var request = ChatRequest(body);
        using var answer = await world.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    public HttpRequestMessage ChatRequest(string body, params (string Name, string Value)[] headers)
    {
        var request = Request(HttpMethod.Post, Completions, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public async Task<V1Reply> Get(string path, HttpClient? node = null)
    {
        using var request = Request(HttpMethod.Get, path);
        return await V1Reply.Of((node ?? world.Client).SendAsync(request));
    }

    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null) =>
        new(method, path) { Content = content, Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
}
