using System.Runtime.InteropServices;
using System.Text.Json;
using Ledgerline.Providers.OpenAi;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>The caller's body as OpenAI gets it: every field as it was written, but for what the meter needs to know.</summary>
internal static class UpstreamBody
{
    private const string Options = "stream_options";
    private const string Usage = "include_usage";

    public static byte[] Of(JsonElement body, ChatAsk ask)
    {
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written))
        {
            json.WriteStartObject();
            var cap = ask.IsCapped ? OpenAiChatRequest.LimitField(ask.Model.Id) : null;
            foreach (var field in body.EnumerateObject().Where(field => field.Name != Options && field.Name != cap))
            {
                Copy(json, field);
            }

            if (ask.Streams)
            {
                WriteOptions(json, body);
            }

            if (cap is not null)
            {
                json.WriteNumber(cap, ask.Most);
            }

            json.WriteEndObject();
        }

        return written.ToArray();
    }

    private static void WriteOptions(Utf8JsonWriter json, JsonElement body)
    {
        json.WriteStartObject(Options);
        json.WriteBoolean(Usage, true);
        foreach (var option in body.Maybe(Options) is { } options ? options.EnumerateObject().Where(option => option.Name != Usage) : [])
        {
            Copy(json, option);
        }

        json.WriteEndObject();
    }

    // As it was written: 1.50 stays 1.50.
    private static void Copy(Utf8JsonWriter json, JsonProperty field)
    {
        json.WritePropertyName(field.Name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(field.Value), skipInputValidation: true);
    }
}
