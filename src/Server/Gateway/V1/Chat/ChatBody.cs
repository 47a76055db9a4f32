using System.Security.Cryptography;
using System.Text.Json;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>The JSON object that was sent, as it was sent.</summary>
internal sealed class ChatBody : IDisposable
{
    /// <summary>Some large pictures within it.</summary>
    public const int LargestBytes = 16 * 1024 * 1024;

    // The same name twice could mean one thing to us and another to the provider.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonDocument document;

    private ChatBody(JsonDocument document) => this.document = document;

    public JsonElement Root => document.RootElement;

    /// <exception cref="V1Refusal">It is too large, or no JSON object.</exception>
    public static async Task<ChatBody> Read(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBytes;
        }

        using var bytes = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, LargestBytes));
        try
        {
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            RestOfBody.LetPass(context);
            throw new V1Refusal(StatusCodes.Status413PayloadTooLarge, $"The request is larger than {LargestBytes} bytes.");
        }

        return Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    /// <exception cref="V1Refusal">It is no JSON object.</exception>
    public static ChatBody Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(field => field.Name.Length > 0)
                ? new ChatBody(document)
                : throw NoObject();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            throw NoObject();
        }
    }

    /// <summary>Of what was said, however it was spaced.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Root)));

    public void Dispose() => document.Dispose();

    private static V1Refusal NoObject() => new(
        StatusCodes.Status400BadRequest, "The body must be one JSON object that names no field twice.", code: "invalid_json");
}
