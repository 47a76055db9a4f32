using Sandbox.OpenAi.Audio;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The sandbox's own measurement of audio, against files of known length made by ffmpeg.</summary>
public sealed class AudioWitnessTests : IDisposable
{
    private const double Seconds = 12.5;

    private readonly FileStream file = new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.DeleteOnClose,
        BufferSize = 0,
    });

    [Theory]
    [InlineData("wav", "-f wav", ".wav", true)]
    [InlineData("wav", "-c:a adpcm_ima_wav", ".wav", false)]
    [InlineData("wav", "-c:a pcm_mulaw", ".wav", false)]
    [InlineData("mp3", "-b:a 64k", ".mp3", false)]
    [InlineData("mp3", "-q:a 5", ".mp3", false)]
    [InlineData("mp3", "-ar 44100 -write_xing 0 -id3v2_version 4 -metadata title=x", ".mp3", false)]
    [InlineData("mp3", "-c:a mp2 -ar 44100 -f mp2", ".mp3", false)]
    [InlineData("flac", "", ".flac", false)]
    [InlineData("flac", "-f flac", ".flac", true)]
    [InlineData("ogg", "-c:a libopus", ".ogg", false)]
    [InlineData("ogg", "-c:a libvorbis", ".ogg", false)]
    [InlineData("mp4", "-c:a aac -ar 44100", ".m4a", false)]
    [InlineData("mp4", "-c:a aac -ar 44100 -movflags +faststart", ".mp4", false)]
    [InlineData("mp4", "-c:a aac -ar 44100 -movflags frag_keyframe+empty_moov+default_base_moof -f mp4", ".mp4", true)]
    [InlineData("webm", "-c:a libopus", ".webm", false)]
    [InlineData("webm", "-c:a libopus -f webm -live 1", ".webm", true)]
    [InlineData("webm", "-c:a libvorbis -f webm", ".webm", true)]
    public async Task AContainerPlaysAsLongAsItsSource(string format, string arguments, string extension, bool piped)
    {
        var audio = Measure(await SandboxAudio.Encode(SandboxAudio.Wav(Seconds), arguments, extension, piped));
        Assert.NotNull(audio);
        Assert.Equal(format, audio.Format);
        // A codec fills its last frame: up to a tenth of a second more, never less than a hundredth.
        Assert.InRange(audio.DurationSeconds, (decimal)Seconds - 0.01m, (decimal)Seconds + 0.1m);
    }

    [Fact]
    public void AWavIsExactAndCarriesItsText()
    {
        var audio = Measure(SandboxAudio.Wav(3.25, "Grüezi wohl."));
        Assert.Equal(new AudioFacts("wav", 3.25m, "Grüezi wohl."), audio);
    }

    [Fact]
    public void AHeaderThatLiesIsNotBelieved()
    {
        var wav = SandboxAudio.Wav(10);
        var claimsAnHour = (byte[])wav.Clone();
        claimsAnHour[^(10 * SandboxAudio.Rate * 2 + 1)] = 0x7F;
        Assert.Equal(10, Measure(claimsAnHour)!.DurationSeconds);

        var claimsTenfoldSpeed = (byte[])wav.Clone();
        BitConverter.TryWriteBytes(claimsTenfoldSpeed.AsSpan(28), SandboxAudio.Rate * 20);
        Assert.Equal(10, Measure(claimsTenfoldSpeed)!.DurationSeconds);

        Assert.Equal(5, Measure(wav[..(44 + 5 * SandboxAudio.Rate * 2)])!.DurationSeconds);
    }

    [Fact]
    public async Task ACutFileCountsWhatIsThereOrIsNoAudio()
    {
        var wav = SandboxAudio.Wav(Seconds);
        foreach (var (arguments, extension) in new[] { ("-b:a 64k", ".mp3"), ("", ".flac"), ("-c:a libopus", ".ogg"), ("-c:a libopus", ".webm") })
        {
            var whole = await SandboxAudio.Encode(wav, arguments, extension, piped: false);
            Assert.InRange(Measure(whole[..(whole.Length / 2)])!.DurationSeconds, 1m, (decimal)Seconds * 0.75m);
        }

        var m4a = await SandboxAudio.Encode(wav, "-c:a aac -movflags +faststart", ".m4a", piped: false);
        Assert.Null(Measure(m4a[..(m4a.Length / 2)]));
    }

    [Fact]
    public void WhatIsNoAudioIsRefusedWhateverItIsCalled()
    {
        Assert.Null(Measure([]));
        Assert.Null(Measure("RIFF"u8.ToArray()));
        Assert.Null(Measure(SandboxAudio.Wav(1)[..40]));
        Assert.Null(Measure(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("This is a text, whatever its name ends in. ", 5000)))));
        var noise = new byte[2_000_000];
        new Random(7).NextBytes(noise);
        Assert.Null(Measure(noise));
    }

    [Fact]
    public void NoBytesMakeItFailOrHang()
    {
        var random = new Random(20261120);
        byte[][] starts = ["RIFF    WAVEfmt "u8.ToArray(), "fLaC\0\0\0\u0022"u8.ToArray(), "OggS\0\u0002"u8.ToArray(), "\0\0\0 ftypM4A "u8.ToArray(), [0x1A, 0x45, 0xDF, 0xA3, 0x01], [0xFF, 0xFB, 0x90, 0x64]];
        for (var round = 0; round < 3000; round++)
        {
            var bytes = new byte[random.Next(16, 4000)];
            random.NextBytes(bytes);
            var start = starts[round % starts.Length];
            start.CopyTo(bytes, 0);
            var audio = Measure(bytes);
            Assert.True(audio is null || audio.DurationSeconds >= 0, $"round {round}: {audio}");
        }
    }

    [Fact]
    public async Task NoChangedByteMakesItFailOrHang()
    {
        var random = new Random(4711);
        var wav = SandboxAudio.Wav(1);
        foreach (var (arguments, extension) in new[] { ("-b:a 64k", ".mp3"), ("", ".flac"), ("-c:a libopus", ".ogg"), ("-c:a libopus", ".webm"), ("-c:a aac", ".m4a") })
        {
            var whole = await SandboxAudio.Encode(wav, arguments, extension, piped: false);
            for (var round = 0; round < 300; round++)
            {
                var bytes = (byte[])whole.Clone();
                for (var change = 0; change < 8; change++)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                var audio = Measure(bytes);
                Assert.True(audio is null || audio.DurationSeconds >= 0, $"{extension}, round {round}: {audio}");
            }
        }
    }

    public void Dispose() => file.Dispose();

    private AudioFacts? Measure(byte[] bytes)
    {
        file.SetLength(0);
        file.Position = 0;
        file.Write(bytes);
        return AudioFile.Measure(file.SafeFileHandle);
    }
}
