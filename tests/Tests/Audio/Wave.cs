using System.Text;

namespace Tests.Audio;

/// <summary>Writes WAV files by hand, well-formed or not.</summary>
internal static class Wave
{
    public static byte[] File(params byte[][] chunks)
    {
        byte[] body = [.. "WAVE"u8, .. chunks.SelectMany(chunk => chunk)];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    public static byte[] Chunk(string name, byte[] body, uint? size = null) =>
        [.. Encoding.ASCII.GetBytes(name), .. BitConverter.GetBytes(size ?? (uint)body.Length), .. body, .. new byte[body.Length & 1]];

    public static byte[] Format(ushort tag = 1, ushort channels = 1, uint rate = 8_000, ushort bits = 16, ushort? block = null, uint? byteRate = null)
    {
        var align = block ?? (ushort)(channels * bits / 8);
        return Chunk("fmt ",
        [
            .. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(channels), .. BitConverter.GetBytes(rate),
            .. BitConverter.GetBytes(byteRate ?? rate * align), .. BitConverter.GetBytes(align), .. BitConverter.GetBytes(bits),
        ]);
    }

    /// <summary>A hum that no decoder takes for anything else.</summary>
    public static byte[] Sound(int bytes)
    {
        var sound = new byte[bytes];
        for (var at = 0; at < bytes; at++)
        {
            sound[at] = (at & 1) == 0 ? (byte)(at * 7 & 0xFF) : (byte)(at / 64 % 16 + 1);
        }

        return sound;
    }
}
