using System.Buffers.Binary;

namespace Sandbox.OpenAi.Realtime.Sound;

/// <summary>One of the three ways in which audio travels: 16-bit PCM at 24 kHz, or G.711 at 8 kHz.</summary>
internal sealed class SoundFormat
{
    public static readonly SoundFormat Pcm = new("audio/pcm", 24_000, 2);
    public static readonly SoundFormat Mulaw = new("audio/pcmu", 8_000, 1);
    public static readonly SoundFormat Alaw = new("audio/pcma", 8_000, 1);

    private static readonly short[] FromMulaw = [.. Enumerable.Range(0, 256).Select(code => MulawToLinear((byte)code))];
    private static readonly short[] FromAlaw = [.. Enumerable.Range(0, 256).Select(code => AlawToLinear((byte)code))];

    private SoundFormat(string name, int rate, int bytesPerSample) => (Name, Rate, BytesPerSample) = (name, rate, bytesPerSample);

    public string Name { get; }

    /// <summary>Samples a second.</summary>
    public int Rate { get; }
    public int BytesPerSample { get; }
    public int BytesPerSecond => Rate * BytesPerSample;

    public static SoundFormat? Named(string? name) => name switch
    {
        "audio/pcm" => Pcm,
        "audio/pcmu" => Mulaw,
        "audio/pcma" => Alaw,
        _ => null,
    };

    /// <summary>Full scale is 1; a half sample at the end is left out.</summary>
    public void Decode(ReadOnlySpan<byte> sound, Span<float> samples)
    {
        if (this == Pcm)
        {
            for (var at = 0; at < sound.Length / 2; at++)
            {
                samples[at] = BinaryPrimitives.ReadInt16LittleEndian(sound[(at * 2)..]) / 32768f;
            }

            return;
        }

        var table = this == Mulaw ? FromMulaw : FromAlaw;
        for (var at = 0; at < sound.Length; at++)
        {
            samples[at] = table[sound[at]] / 32768f;
        }
    }

    public void Encode(short sample, Span<byte> sound)
    {
        if (this == Pcm)
        {
            BinaryPrimitives.WriteInt16LittleEndian(sound, sample);
        }
        else
        {
            sound[0] = this == Mulaw ? LinearToMulaw(sample) : LinearToAlaw(sample);
        }
    }

    private static short MulawToLinear(byte code)
    {
        var bits = ~code & 0xFF;
        var magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    private static byte LinearToMulaw(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs((int)sample), 32_635) + 0x84;
        var exponent = 7;
        for (var mask = 0x4000; (magnitude & mask) == 0 && exponent > 0; mask >>= 1)
        {
            exponent--;
        }

        return (byte)(~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF);
    }

    private static short AlawToLinear(byte code)
    {
        var bits = code ^ 0x55;
        var segment = (bits & 0x70) >> 4;
        var magnitude = ((bits & 0x0F) << 4) + (segment == 0 ? 8 : 0x108);
        magnitude <<= Math.Max(0, segment - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    private static byte LinearToAlaw(short sample)
    {
        var value = sample >> 3;
        var mask = value >= 0 ? 0xD5 : 0x55;
        value = value >= 0 ? value : -value - 1;
        var segment = 0;
        while (segment < 8 && value > (0x20 << segment) - 1)
        {
            segment++;
        }

        return (byte)(segment >= 8 ? 0x7F ^ mask : ((segment << 4) | ((value >> Math.Max(1, segment)) & 0x0F)) ^ mask);
    }
}
