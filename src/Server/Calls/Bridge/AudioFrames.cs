using System.Buffers;
using System.Buffers.Text;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// Cuts the model's audio into what the phone takes: whole frames of 20 ms, at most a quarter of a second at a time so that marks tell
/// closely what was heard. Audio that comes in whole frames keeps its base64; only what does not is put together anew.
/// </summary>
internal sealed class AudioFrames : IDisposable
{
    public const int FrameBytes = 160;

    // Twelve frames are a whole number of base64's groups, so text can be cut there.
    private const int PieceBytes = 12 * FrameBytes;
    private const int PieceChars = PieceBytes / 3 * 4;
    private const byte Silence = 0xFF;

    private readonly byte[] carry = new byte[FrameBytes];
    private byte[] scratch = [];
    private ReadOnlyMemory<byte> text;
    private int bytes;
    private int carried;

    /// <summary>All that was taken has been given, but for what is carried over.</summary>
    public bool IsEmpty => bytes == 0;

    /// <summary>Answers how many bytes of audio it is; 0 when it is no base64, and then it is passed by.</summary>
    /// <param name="base64">Has to stay until <see cref="Next"/> has answered false.</param>
    public int Take(ReadOnlyMemory<byte> base64)
    {
        if (!Base64.IsValid(base64.Span, out var length) || base64.Length != (length + 2) / 3 * 4)
        {
            return 0;
        }

        if (carried == 0 && length % FrameBytes == 0)
        {
            (text, bytes) = (base64, length);
            return length;
        }

        Reframe(base64.Span, length);
        return length;
    }

    /// <summary>The next piece of whole frames, good until the next call.</summary>
    /// <param name="length">Its bytes of audio.</param>
    public bool Next(out ReadOnlyMemory<byte> base64, out int length)
    {
        length = Math.Min(bytes, PieceBytes);
        base64 = length == bytes ? text : text[..PieceChars];
        text = text[base64.Length..];
        bytes -= length;
        return length > 0;
    }

    /// <summary>What was carried over, filled up with silence; it is ready for <see cref="Next"/>. Answers its bytes.</summary>
    public int Flush()
    {
        if (carried == 0)
        {
            return 0;
        }

        carry.AsSpan(carried).Fill(Silence);
        carried = 0;
        Encode(carry);
        return FrameBytes;
    }

    /// <summary>What was carried over is not wanted any more.</summary>
    public void Forget() => carried = 0;

    public void Dispose()
    {
        if (scratch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(scratch);
            scratch = [];
        }
    }

    private void Reframe(ReadOnlySpan<byte> base64, int length)
    {
        var joined = ArrayPool<byte>.Shared.Rent(carried + length);
        carry.AsSpan(0, carried).CopyTo(joined);
        Base64.DecodeFromUtf8(base64, joined.AsSpan(carried), out _, out _);
        var all = carried + length;
        var whole = all / FrameBytes * FrameBytes;
        carried = all - whole;
        joined.AsSpan(whole, carried).CopyTo(carry);
        Encode(joined.AsSpan(0, whole));
        ArrayPool<byte>.Shared.Return(joined);
    }

    private void Encode(ReadOnlySpan<byte> audio)
    {
        var chars = Base64.GetMaxEncodedToUtf8Length(audio.Length);
        if (scratch.Length < chars)
        {
            Dispose();
            scratch = ArrayPool<byte>.Shared.Rent(chars);
        }

        Base64.EncodeToUtf8(audio, scratch, out _, out var written);
        (text, bytes) = (scratch.AsMemory(0, written), audio.Length);
    }
}
