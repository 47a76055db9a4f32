using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>What a session is sent, besides audio, in the shapes of the general-availability interface.</summary>
internal static class RealtimeRequests
{
    public static byte[] Configure(VoiceOrder order, string model, TurnDetection turns, string? transcriptionModel) => Write(json =>
    {
        json.WriteString("type", "session.update");
        json.WriteStartObject("session");
        json.WriteString("type", "realtime");
        json.WriteString("model", model);
        json.WriteStartArray("output_modalities");
        json.WriteStringValue("audio");
        json.WriteEndArray();
        json.WriteString("instructions", order.Instructions);
        json.WriteString("tool_choice", "auto");
        WriteTools(json, order.Tools);
        json.WriteStartObject("audio");
        json.WriteStartObject("input");
        WriteFormat(json);
        if (transcriptionModel is not null)
        {
            json.WriteStartObject("transcription");
            json.WriteString("model", transcriptionModel);
            json.WriteEndObject();
        }

        turns.Write(json);
        json.WriteEndObject();
        json.WriteStartObject("output");
        WriteFormat(json);
        json.WriteString("voice", order.Voice);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>What a conversation over WebRTC begins with, where the audio's format is agreed on otherwise.</summary>
    public static byte[] Session(VoiceOrder order, string model, TurnDetection turns) => Write(json =>
    {
        json.WriteString("type", "realtime");
        json.WriteString("model", model);
        json.WriteString("instructions", order.Instructions);
        json.WriteStartObject("audio");
        json.WriteStartObject("input");
        turns.Write(json);
        json.WriteEndObject();
        json.WriteStartObject("output");
        json.WriteString("voice", order.Voice);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <param name="role"><c>user</c> or <c>system</c>.</param>
    public static byte[] Text(string role, string text, string eventId) => Write(json =>
    {
        json.WriteString("type", "conversation.item.create");
        json.WriteString("event_id", eventId);
        json.WriteStartObject("item");
        json.WriteString("type", "message");
        json.WriteString("role", role);
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", "input_text");
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static byte[] Result(string callId, string output, string eventId) => Write(json =>
    {
        json.WriteString("type", "conversation.item.create");
        json.WriteString("event_id", eventId);
        json.WriteStartObject("item");
        json.WriteString("type", "function_call_output");
        json.WriteString("call_id", callId);
        json.WriteString("output", output);
        json.WriteEndObject();
    });

    public static byte[] Truncate(string item, long playedMs, string eventId) => Write(json =>
    {
        json.WriteString("type", "conversation.item.truncate");
        json.WriteString("event_id", eventId);
        json.WriteString("item_id", item);
        json.WriteNumber("content_index", 0);
        json.WriteNumber("audio_end_ms", playedMs);
    });

    public static byte[] Create(string eventId) => Write(json =>
    {
        json.WriteString("type", "response.create");
        json.WriteString("event_id", eventId);
    });

    public static byte[] Cancel(string response, string eventId) => Write(json =>
    {
        json.WriteString("type", "response.cancel");
        json.WriteString("event_id", eventId);
        json.WriteString("response_id", response);
    });

    private static void WriteFormat(Utf8JsonWriter json)
    {
        json.WriteStartObject("format");
        json.WriteString("type", "audio/pcmu");
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ChatTool> tools)
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteString("name", tool.Name);
            if (tool.Description is { } description)
            {
                json.WriteString("description", description);
            }

            json.WritePropertyName("parameters");
            json.WriteRawValue(tool.Parameters ?? """{"type":"object","properties":{}}""");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
