using System.Text.Json;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>
/// The head of a server event: what it is, and where the audio lies when it is audio. Only what is not audio is read whole.
/// </summary>
internal struct RealtimeEvent
{
    public bool IsAudio;

    /// <summary>The audio's text has to be unescaped first.</summary>
    public bool IsEscaped;
    public int ResponseStart;
    public int ResponseLength;
    public int ItemStart;
    public int ItemLength;
    public int DeltaStart;
    public int DeltaLength;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static RealtimeEvent Read(ReadOnlySpan<byte> text)
    {
        RealtimeEvent found = default;
        var reader = new Utf8JsonReader(text);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                found.IsAudio = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("response.output_audio.delta"u8);
                if (!found.IsAudio)
                {
                    return found;
                }
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                (found.DeltaStart, found.DeltaLength) = Place(ref reader);
                found.IsEscaped = reader.ValueIsEscaped;
            }
            else if (reader.ValueTextEquals("item_id"u8))
            {
                (found.ItemStart, found.ItemLength) = Place(ref reader);
            }
            else if (reader.ValueTextEquals("response_id"u8))
            {
                (found.ResponseStart, found.ResponseLength) = Place(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>The audio as base64, from the text between its quotation marks; answers its length.</summary>
    public static int Unescape(ReadOnlySpan<byte> quoted, Span<byte> into)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.CopyString(into);
    }

    private static (int Start, int Length) Place(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        reader.Skip();
        return default;
    }
}
