using Ledgerline.Calls.Bridge;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>What was heard, by marks and by the stream's clock.</summary>
public sealed class PlaybackTests
{
    private const int Frame = 160;

    [Fact]
    public void An_answer_that_began_at_zero_is_interrupted_like_any_other()
    {
        var playback = new Playback();
        Play(playback, "a", 20);
        playback.Advance(299);
        Assert.Null(playback.Interrupt());
        playback.Return();
        playback.Advance(300);
        Assert.Equal(new Heard("a", 20, 380), Assert.Single(playback.Interrupt()!));
    }

    [Fact]
    public void The_mark_counts_where_it_says_less_and_the_clock_where_that_does()
    {
        var slow = new Playback();
        Play(slow, "a", 50);
        slow.Advance(900);
        Return(slow, 30);
        Assert.Equal(600, Assert.Single(slow.Interrupt()!).PlayedMs);

        var quick = new Playback();
        Play(quick, "a", 50);
        quick.Advance(400);
        Return(quick, 30);
        Assert.Equal(400, Assert.Single(quick.Interrupt()!).PlayedMs);
    }

    [Fact]
    public void What_waits_behind_another_answer_has_not_begun()
    {
        var playback = new Playback();
        Play(playback, "a", 50);
        Play(playback, "b", 50);
        playback.Advance(500);
        Return(playback, 25);
        Assert.Equal([new Heard("a", 500, 500), new Heard("b", 0, 1000)], playback.Interrupt()!);
        Assert.False(playback.IsPlaying);
        Assert.Null(playback.Interrupt());
    }

    [Fact]
    public void Marks_that_come_back_because_of_a_clear_say_nothing()
    {
        var playback = new Playback();
        Play(playback, "a", 50);
        playback.Advance(500);
        Return(playback, 20);
        Assert.NotNull(playback.Interrupt());
        Play(playback, "b", 50);
        Return(playback, 30);
        Assert.Equal(1000, playback.QueuedMs);
        Return(playback, 50);
        Assert.False(playback.IsPlaying);
        Assert.Equal(1400, playback.PlayedMs);
    }

    [Fact]
    public void A_carrier_that_swallows_marks_does_not_hold_the_line()
    {
        var playback = new Playback();
        Play(playback, "a", 50);
        playback.Advance(2999);
        Assert.True(playback.IsPlaying);
        playback.Advance(3001);
        Assert.False(playback.IsPlaying);
        // And they are not taken for later ones when they come after all.
        Play(playback, "b", 50);
        Return(playback, 50);
        Assert.True(playback.IsPlaying);
        playback.Advance(4100);
        Return(playback, 10);
        Assert.Equal(800, playback.QueuedMs);
    }

    [Fact]
    public void Nothing_is_heard_that_was_not_sent_received_and_played_whatever_happens()
    {
        var random = new Random(815);
        for (var round = 0; round < 2000; round++)
        {
            var playback = new Playback();
            var (carrier, received, began) = (new Queue<long>(), new Dictionary<string, long>(), new Dictionary<string, long>());
            long clock = 0, sent = 0, heard = 0, position = 0;
            var (items, item) = (0, "");
            for (var step = 0; step < 60; step++)
            {
                switch (random.Next(6))
                {
                    case 0:
                        item = $"i{items++}";
                        break;
                    case 1 or 2 when item.Length > 0:
                        var count = random.Next(1, 40);
                        began.TryAdd(item, sent);
                        received[item] = received.GetValueOrDefault(item) + count * Frame;
                        playback.Receive(item, count * Frame);
                        playback.Send(count * Frame);
                        playback.Mark();
                        carrier.Enqueue(sent += count * Frame);
                        break;
                    case 3 or 4:
                        // The line plays in real time, and the marks come back when they are due.
                        var passed = random.Next(0, 50) * 20;
                        clock += passed;
                        position = Math.Min(sent, position + passed * 8);
                        playback.Advance(clock);
                        while (carrier.TryPeek(out var mark) && mark <= position && random.Next(10) > 0)
                        {
                            heard = carrier.Dequeue();
                            playback.Return();
                        }

                        break;
                    default:
                        if (playback.Interrupt() is { } cut)
                        {
                            Assert.All(cut, one => Assert.InRange(one.PlayedMs * 8, 0, Math.Max(0, Math.Min(received[one.Item], Math.Max(position, heard) - began[one.Item]))));
                            foreach (var _ in carrier)
                            {
                                playback.Return();
                            }

                            carrier.Clear();
                            received.Clear();
                            began.Clear();
                            (sent, position, heard) = (0, 0, 0);
                            item = $"i{items++}";
                            Assert.False(playback.IsPlaying);
                        }

                        break;
                }

                Assert.InRange(playback.QueuedMs, 0, sent / 8);
            }
        }
    }

    // A mark after each frame.
    private static void Play(Playback playback, string item, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            playback.Receive(item, Frame);
            playback.Send(Frame);
            playback.Mark();
        }
    }

    private static void Return(Playback playback, int marks)
    {
        for (var i = 0; i < marks; i++)
        {
            playback.Return();
        }
    }
}
