using Ledgerline.Calls.Bridge;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>Frames that come late are counted, and a node that does not keep up says so until it does.</summary>
public sealed class PunctualityTests
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void What_waited_is_late_until_it_is_the_usual()
    {
        var clock = new SandboxClock();
        var delay = new FrameDelay(Late, clock);
        var sent = 0L;
        void Speak(int frames, TimeSpan wait)
        {
            clock.Advance(wait);
            for (var frame = 0; frame < frames; frame++)
            {
                clock.Advance(Frame);
                delay.Came(sent += 20);
            }
        }

        Speak(50, TimeSpan.Zero);
        Assert.Equal((50, 0), delay.Take());
        // The line stands still for a while, and everything comes later from then on.
        Speak(50, Late * 2);
        Assert.Equal((50, 50), delay.Take());
        // A clock that is wrong by so much is no delay.
        Speak(1500, TimeSpan.Zero);
        Assert.InRange(delay.Take().Late, 1, 750);
        Speak(100, TimeSpan.Zero);
        Assert.Equal((100, 0), delay.Take());
        Speak(10, TimeSpan.Zero);
        delay.Came(sent += 3_600_000);
        Assert.Equal((11, 0), delay.Take());
    }

    [Theory]
    [InlineData(250, 250, false)]
    [InlineData(5000, 500, false)]
    [InlineData(5000, 501, true)]
    public void A_tenth_of_all_frames_is_too_many_and_is_forgotten_after_five_beats(long frames, long late, bool isBehind)
    {
        using var punctuality = new Punctuality(new MediaOptions(null, false, Late), NullLogger<Punctuality>.Instance);
        punctuality.Beat(frames, late);
        Assert.Equal(isBehind, punctuality.IsBehind);
        for (var beat = 0; beat < 4; beat++)
        {
            punctuality.Beat(0, 0);
            Assert.Equal(isBehind, punctuality.IsBehind);
        }

        punctuality.Beat(0, 0);
        Assert.False(punctuality.IsBehind);
    }
}
