namespace Sandbox.OpenAi.Audio;

/// <summary>How long one Opus packet plays, from its first two bytes (RFC 6716, section 3.1), in samples at 48 kHz.</summary>
internal static class OpusPacket
{
    public static int Samples(ReadOnlySpan<byte> packet)
    {
        if (packet.Length == 0)
        {
            return 0;
        }

        var configuration = packet[0] >> 3;
        var frame = configuration switch
        {
            < 12 => (configuration & 3) switch { 0 => 480, 1 => 960, 2 => 1920, _ => 2880 },
            < 16 => (configuration & 1) == 0 ? 480 : 960,
            _ => 120 << (configuration & 3),
        };
        var frames = (packet[0] & 3) switch { 0 => 1, 1 or 2 => 2, _ => packet.Length > 1 ? packet[1] & 0x3F : 0 };
        return frame * frames;
    }
}
