using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Sandbox.OpenAi.Realtime;

/// <summary>The audio that clients send.</summary>
internal sealed partial class RealtimeSession
{
    private const int LongestAppendBytes = 15 * 1024 * 1024;

    /// <summary>The one event that comes fifty times a second is read without a tree. False when it is another.</summary>
    private bool TryAppend(ReadOnlySpan<byte> message)
    {
        if (message.IndexOf("input_audio_buffer.append"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(message);
        var isAppend = false;
        byte[]? sound = null;
        var length = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    isAppend = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("input_audio_buffer.append"u8);
                }
                else if (reader.ValueTextEquals("audio"u8) && sound is null)
                {
                    reader.Read();
                    (sound, length) = Decode(ref reader);
                }
            }
        }
        catch (JsonException)
        {
            isAppend = false;
        }

        if (isAppend)
        {
            CountIn("input_audio_buffer.append");
            Append(sound, length);
        }

        if (sound is not null)
        {
            ArrayPool<byte>.Shared.Return(sound);
        }

        return isAppend;
    }

    /// <summary>The bytes in an array that was rented; none when it is no Base64.</summary>
    private static (byte[]? Sound, int Length) Decode(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return (null, -1);
        }

        var text = ArrayPool<byte>.Shared.Rent(reader.HasValueSequence ? (int)reader.ValueSequence.Length : reader.ValueSpan.Length);
        var length = reader.CopyString(text);
        if (Base64.DecodeFromUtf8InPlace(text.AsSpan(0, length), out var decoded) == OperationStatus.Done)
        {
            return (text, decoded);
        }

        ArrayPool<byte>.Shared.Return(text);
        return (null, -1);
    }

    private void Append(byte[]? sound, int length)
    {
        if (sound is null)
        {
            throw length == 0
                ? RealtimeError.Missing("audio")
                : new RealtimeError("Invalid 'audio'. Expected base64-encoded audio bytes.", "audio", "invalid_value");
        }

        if (length > LongestAppendBytes)
        {
            throw new RealtimeError("An append holds 15 MiB of audio at most.", "audio", "string_above_max_length");
        }

        CountAppended(length);
        if (Config.InputFormat.BytesPerSample == 2 && length % 2 != 0)
        {
            length--;
        }

        Follow(_listener.Hear(sound.AsSpan(0, length), Config.InputFormat, Config.TurnDetection));
    }
}
