using Sandbox.Twilio.Line;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The sound of the sandbox's phone lines: µ-law, tones, what is kept of them, files.</summary>
public sealed class TwilioLineTests
{
    [Fact]
    public void EveryCodeOfMuLawComesBack()
    {
        // 0x7F is the other spelling of silence.
        Assert.All(Enumerable.Range(0, 256).Where(code => code != 0x7F), code => Assert.Equal((byte)code, MuLaw.Encode(MuLaw.Decode((byte)code))));
        Assert.Equal((0, 0, 32_124, -32_124), (MuLaw.Decode(0xFF), MuLaw.Decode(0x7F), MuLaw.Decode(0x80), MuLaw.Decode(0x00)));
        Assert.Equal((byte)0x80, MuLaw.Encode(int.MaxValue));
        Assert.False(MuLaw.IsAudible([0xFF, 0x7F, 0xFE]));
    }

    [Fact]
    public void EveryToneOfTheScaleIsHeardAsItself()
    {
        for (var hz = 300.0; hz <= 3087.5; hz += 12.5)
        {
            Assert.Equal([hz], Tones.In(MuLaw.Tone(hz, 4)));
        }

        Assert.Empty(Tones.In(new byte[640].Select(_ => MuLaw.Silence).ToArray()));
    }

    [Fact]
    public void TwoTonesAtOnceAreBothHeard()
    {
        var mixed = MuLaw.Tone(400, 4).Zip(MuLaw.Tone(1912.5, 4), (one, other) => MuLaw.Encode((MuLaw.Decode(one) / 2) + (MuLaw.Decode(other) / 6))).ToArray();
        Assert.Equal([400, 1912.5], Tones.In(mixed));
    }

    [Fact]
    public void WhatIsSaidIsKeptInStretches()
    {
        var track = new Track();
        Say(track, 10, MuLaw.Tone(500, 50));
        // A gap of three frames within one stretch, and a pause before the next.
        Say(track, 63, MuLaw.Tone(500, 20));
        Say(track, 200, MuLaw.Tone(2500, 25));
        Say(track, 225, MuLaw.Tone(900, 25));
        var stretches = track.Stretches();
        Assert.Equal([(0.2, 1.4, 0.06), (4, 1, 0)], stretches.Select(one => (one.At, one.Seconds, one.GapSeconds)));
        Assert.Equal([500], stretches[0].TonesHz);
        Assert.Equal([2500, 900], stretches[1].TonesHz);
        Assert.Equal(MuLaw.Tone(500, 50), track.Slice(10, 60));
        Assert.All(track.Slice(60, 63), code => Assert.Equal(MuLaw.Silence, code));
    }

    [Fact]
    public void OfOneSideTenMinutesAreKept()
    {
        var track = new Track();
        var tone = MuLaw.Tone(500, 1);
        for (var tick = 0; tick < Track.MostFrames + 10; tick++)
        {
            track.Append(tick, tone);
        }

        Assert.Equal(600, track.Stretches()[0].Seconds);
    }

    [Fact]
    public void AFrameIsPlayedInItsTurnAndItsMarkComesAfterIt()
    {
        var playback = new Playback();
        var frame = new byte[160];
        playback.Mark("at once");
        Assert.Equal("at once", playback.Reached());
        playback.Add([.. Enumerable.Repeat((byte)1, 100)]);
        playback.Mark("first");
        playback.Add([.. Enumerable.Repeat((byte)2, 100)]);
        playback.Mark("second");
        Assert.Null(playback.Reached());
        Assert.Equal((160, 1, 2), (playback.Play(frame), frame[99], frame[100]));
        Assert.Equal(("first", null), (playback.Reached(), playback.Reached()));
        Assert.Equal((40, "second"), (playback.Play(frame), playback.Reached()));
        Assert.Equal(0, playback.Play(frame));
        playback.Add(new byte[16_000]);
        playback.Mark("cleared");
        playback.Clear();
        Assert.Equal(("cleared", 0, 0L), (playback.Reached(), playback.Play(frame), playback.WaitingBytes));
    }

    [Fact]
    public void AWavComesBackAsItWasWritten()
    {
        var tone = MuLaw.Tone(700, 10);
        Assert.Equal(tone, WaveFile.ReadPhone(WaveFile.Write(tone), out var fault));
        Assert.Null(fault);
        Assert.Null(WaveFile.ReadPhone(WaveFile.Write(tone, tone), out fault));
        Assert.Equal("wav is a WAV file of 8 kHz, one channel, 16 bits or µ-law.", fault);
        for (var length = 0; length < 60; length++)
        {
            _ = WaveFile.ReadPhone(WaveFile.Write(tone).AsSpan(0, length), out _);
        }
    }

    private static void Say(Track track, int tick, byte[] audio)
    {
        for (var at = 0; at < audio.Length; at += MuLaw.FrameBytes)
        {
            track.Append(tick++, audio.AsSpan(at, MuLaw.FrameBytes));
        }
    }
}
