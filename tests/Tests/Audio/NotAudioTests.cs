using System.Text;
using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Files that are no recording, whatever their names say.</summary>
public class NotAudioTests
{
    public static TheoryData<string, byte[]> Others() => new()
    {
        { "nothing", [] },
        { "a byte", [0xFF] },
        { "a text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("I'm free as a bird, and no MP3. ", 400))) },
        { "a text that begins like a tag", Encoding.ASCII.GetBytes("ID3 is a tag, and this is not " + new string('x', 500)) },
        { "a PNG", [0x89, .. "PNG\r\n\u001A\n"u8, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[500]] },
        { "a ZIP", [.. "PK\u0003\u0004"u8, .. new byte[500]] },
        { "a PDF", [.. "%PDF-1.7"u8, .. new byte[500]] },
        { "zeros", new byte[100_000] },
        { "ones", [.. Enumerable.Repeat((byte)0xFF, 100_000)] },
        { "an AVI", [.. "RIFF"u8, 0, 1, 0, 0, .. "AVI LIST"u8, .. new byte[500]] },
        { "an AIFF", [.. "FORM"u8, 0, 0, 1, 0, .. "AIFFCOMM"u8, .. new byte[500]] },
        { "a tag of 100 MB and nothing more", [.. "ID3"u8, 4, 0, 0, 0x2F, 0x7F, 0x7F, 0x7F, .. new byte[50]] },
        { "a WAV behind a tag", [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4, .. Wave.File(Wave.Format(), Wave.Chunk("data", Wave.Sound(8_000)))] },
    };

    [Theory, MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void Are_unsupported(string what, byte[] bytes) => Assert.True(Probed.Read(bytes) is AudioReading.Unsupported, $"{what}: {Probed.Read(bytes)}");

    /// <summary>In random bytes headers of MPEG frames turn up by chance, and now and then two in a row.</summary>
    [Fact]
    public void Random_bytes_with_a_sync_or_two_are_unsupported()
    {
        var dice = new Random(99);
        for (var round = 0; round < 60; round++)
        {
            var bytes = new byte[200_000];
            dice.NextBytes(bytes);
            for (var planted = 0; planted < 2; planted++)
            {
                // 128 kbit/s at 44.1 kHz: 417 bytes from one header to the next.
                byte[] header = [0xFF, 0xFB, 0x90, 0x64];
                var at = dice.Next(60_000);
                header.CopyTo(bytes, at);
                header.CopyTo(bytes, at + 417);
            }

            bytes[0] = 0;
            Assert.IsType<AudioReading.Unsupported>(Probed.Read(bytes));
        }
    }

    [Fact]
    public async Task Formats_that_are_not_ours_are_unsupported()
    {
        foreach (var (extension, arguments) in (IEnumerable<(string, string)>)[("aac", "-c:a aac"), ("ac3", "-c:a ac3"), ("aiff", "-c:a pcm_s16be"), ("au", "-c:a pcm_s16be"), ("caf", "-c:a pcm_s16le"), ("amr", "-ar 8000 -c:a pcm_s16le -f w64"), ("wma", "-c:a wmav2"), ("voc", "-c:a pcm_u8")])
        {
            Probed.Unsupported(await Recordings.Encode(1, extension, arguments.Split(' ')));
        }
    }

    [Fact]
    public async Task A_missing_tool_is_named_in_a_sentence()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => MediaTools.Run("no-such-tool"));
        Assert.StartsWith("These tests need no-such-tool: apt-get install", missing.Message, StringComparison.Ordinal);
    }
}
