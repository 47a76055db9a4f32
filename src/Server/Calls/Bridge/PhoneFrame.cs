using System.Buffers.Text;
using System.Text.Json;

namespace Ledgerline.Calls.Bridge;

/// <summary>What a frame from the phone's side is.</summary>
internal enum PhoneEvent
{
    /// <summary>No frame of the protocol.</summary>
    Malformed,

    /// <summary>Of the protocol perhaps, and nothing to us.</summary>
    Unknown,
    Connected,
    Start,
    Media,
    Mark,
    Dtmf,
    Stop,
}

/// <summary>One frame from the phone's side, in place: nothing of it is copied, decoded, or allocated, unless it is written with escapes.</summary>
internal ref struct PhoneFrame
{
    public PhoneEvent Event;

    /// <summary>Base64 of µ-law, as it came; only of media.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>Its length when decoded.</summary>
    public int PayloadBytes;

    /// <summary>Milliseconds since the stream began, where the frame says so.</summary>
    private const long LongestMs = 7L * 24 * 3600 * 1000;

    public long? Timestamp;

    /// <summary>Of DTMF.</summary>
    public char? Digit;

    /// <summary>A frame is one JSON object with an <c>event</c>; what is media needs a payload that is base64.</summary>
    public static PhoneFrame Read(ReadOnlySpan<byte> text)
    {
        PhoneFrame frame = default;
        try
        {
            var reader = new Utf8JsonReader(text);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return default;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                Property(ref reader, ref frame);
            }

            // Whatever follows the object makes the reader throw.
            return reader.Read() || frame.Event == PhoneEvent.Malformed || frame.Event == PhoneEvent.Media && frame.PayloadBytes == 0 ? default : frame;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    private static void Property(ref Utf8JsonReader reader, ref PhoneFrame frame)
    {
        if (reader.ValueTextEquals("event"u8))
        {
            reader.Read();
            frame.Event = EventOf(ref reader);
        }
        else if (reader.ValueTextEquals("media"u8))
        {
            reader.Read();
            Media(ref reader, ref frame);
        }
        else if (reader.ValueTextEquals("dtmf"u8))
        {
            reader.Read();
            Dtmf(ref reader, ref frame);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private static PhoneEvent EventOf(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? PhoneEvent.Malformed
        : reader.ValueTextEquals("media"u8) ? PhoneEvent.Media
        : reader.ValueTextEquals("mark"u8) ? PhoneEvent.Mark
        : reader.ValueTextEquals("dtmf"u8) ? PhoneEvent.Dtmf
        : reader.ValueTextEquals("stop"u8) ? PhoneEvent.Stop
        : reader.ValueTextEquals("connected"u8) ? PhoneEvent.Connected
        : reader.ValueTextEquals("start"u8) ? PhoneEvent.Start
        : PhoneEvent.Unknown;

    private static void Media(ref Utf8JsonReader reader, ref PhoneFrame frame)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("payload"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && Text(ref reader) is var text && IsBase64(text, out var bytes))
                {
                    frame.Payload = text;
                    frame.PayloadBytes = bytes;
                }
                else
                {
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                reader.Read();
                // No call lasts longer than a week; what says so is no time.
                frame.Timestamp = Number(ref reader) is { } at && at is >= 0 and <= LongestMs ? at : null;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void Dtmf(ref Utf8JsonReader reader, ref PhoneFrame frame)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isDigit = reader.ValueTextEquals("digit"u8);
            reader.Read();
            if (isDigit && reader is { TokenType: JsonTokenType.String, ValueIsEscaped: false, ValueSpan: [var digit] }
                && (digit is >= (byte)'0' and <= (byte)'9' or (byte)'*' or (byte)'#' or >= (byte)'A' and <= (byte)'D'))
            {
                frame.Digit = (char)digit;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    // Base64 needs no escaping, but there are writers that escape its plus and its slash.
    private static ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        var plain = new byte[reader.ValueSpan.Length];
        return plain.AsSpan(0, reader.CopyString(plain));
    }

    // The white space that decoders pass over would be no base64 to the next one.
    private static bool IsBase64(ReadOnlySpan<byte> text, out int bytes) =>
        Base64.IsValid(text, out bytes) && text.Length == (bytes + 2) / 3 * 4;

    // A string by the protocol, a number where somebody meant well.
    private static long? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && Utf8Parser.TryParse(reader.ValueSpan, out long text, out var used) && used == reader.ValueSpan.Length)
        {
            return text >= 0 ? text : null;
        }

        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
        {
            return number >= 0 ? number : null;
        }

        reader.Skip();
        return null;
    }
}
