using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi.Realtime;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>What is said to an event of the caller's instead of passing it on.</summary>
internal sealed record EventRefusal(string Code, string Message, string? Param, string? EventId);

/// <summary>Reads what the caller sends, so that what it will cost is counted before the provider has it.</summary>
/// <param name="isSold">Whether a model that writes down has a price.</param>
internal sealed class CallerEvents(RealtimeTally tally, Func<string, bool> isSold)
{
    private const string Invalid = "invalid_event";

    /// <summary>Null: it is passed on as it is.</summary>
    public EventRefusal? Take(ReadOnlyMemory<byte> text)
    {
        try
        {
            var (type, letters) = RealtimeEvents.Read(text.Span, "audio"u8);
            switch (type)
            {
                case null:
                    return new EventRefusal(Invalid, "An event has a type.", "type", null);
                case "input_audio_buffer.append":
                    tally.Appended(RealtimeEvents.Bytes(letters));
                    return null;
                case "session.update":
                    return Session(text);
                case "conversation.item.create":
                    return Added(text);
                case "response.create":
                    if (Added(text) is { } refusal)
                    {
                        return refusal;
                    }

                    tally.Asked();
                    return null;
                default:
                    return null;
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return new EventRefusal(Invalid, "The event could not be read: it has to be one JSON object.", null, null);
        }
    }

    private EventRefusal? Session(ReadOnlyMemory<byte> text)
    {
        using var read = JsonDocument.Parse(text);
        var session = read.RootElement.Object("session");
        var transcription = session.Object("audio").Object("input").Object("transcription");
        if (transcription.Object("model").ValueKind == JsonValueKind.String && (transcription.Text("model") is not { } writer || !isSold(writer)))
        {
            return new EventRefusal(
                "invalid_value", $"The model `{transcription.Text("model")}` does not exist or you do not have access to it.", "session.audio.input.transcription.model",
                read.RootElement.Text("event_id"));
        }

        tally.Added(Count(session.Object("instructions")) + Count(session.Object("tools")));
        return null;
    }

    private EventRefusal? Added(ReadOnlyMemory<byte> text)
    {
        using var read = JsonDocument.Parse(text);
        var (letters, audio, images) = (0L, 0L, 0);
        Look(read.RootElement);
        if (images > 0)
        {
            return new EventRefusal("invalid_value", "Pictures are not sold here.", "item.content", read.RootElement.Text("event_id"));
        }

        tally.Added(TokenEstimate.AtMost(letters) + TokenEstimate.PerTurn, RealtimeEvents.Bytes(audio));
        return null;

        void Look(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var field in element.EnumerateObject())
                    {
                        LookAt(field);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        Look(item);
                    }

                    break;
                default:
                    letters += element.GetRawText().Length;
                    break;
            }
        }

        void LookAt(JsonProperty field)
        {
            if (field is { Name: "audio", Value.ValueKind: JsonValueKind.String })
            {
                audio += field.Value.GetRawText().Length;
            }
            else if (field.Name == "image_url")
            {
                images++;
            }
            else
            {
                Look(field.Value);
            }
        }
    }

    private static long Count(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? 0 : TokenEstimate.AtMost(element.GetRawText());
}
