using Ledgerline.Calls.Status;
using Xunit;

namespace Tests.Calls;

/// <summary>However its news are shuffled and doubled, a call ends the same way.</summary>
public sealed class CallRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Ends = [CallStatus.Busy, CallStatus.NoAnswer, CallStatus.Failed, CallStatus.Canceled, CallStatus.Completed];

    [Fact]
    public void Shuffled_and_doubled_news_lead_to_the_same_end()
    {
        var seed = Environment.GetEnvironmentVariable("CALL_SEED") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        var random = new Random(seed);
        for (var story = 0; story < 20_000; story++)
        {
            var end = Ends[random.Next(Ends.Length)];
            var seconds = random.Next(0, 3600);
            List<CallNews> news = [new(CallStatus.Initiated, Start), new(CallStatus.Ringing, Start.AddSeconds(1))];
            if (end == CallStatus.Completed)
            {
                news.Add(new CallNews(CallStatus.InProgress, Start.AddSeconds(5)));
            }

            news.Add(new CallNews(end, Start.AddSeconds(5 + seconds)) { Seconds = end == CallStatus.Completed ? seconds : null });
            var told = news.Concat(news.Where(_ => random.Next(2) == 0)).OrderBy(_ => random.Next()).ToList();
            var call = new CallRow { Id = 1, Dialling = Dialled.Placed, CallSid = "CA1", DurationLimit = 3600, CreatedAt = Start };
            var wasOver = false;
            foreach (var one in told)
            {
                var after = CallRules.After(call, one);
                Assert.True(after.Status == call.Status || CallStatus.IsLater(after.Status, call.Status), $"CALL_SEED={seed}: {call.Status} became {after.Status}");
                Assert.True(!wasOver || after.Status == call.Status, $"CALL_SEED={seed}: what is over goes on");
                (call, wasOver) = (after, after.IsOver);
                Assert.Equal(call.IsOver, call.EndedAt is not null);
            }

            Assert.True(call.Status == end, $"CALL_SEED={seed}: {call.Status} instead of {end}");
            Assert.True(call.WasAnswered == (end == CallStatus.Completed), $"CALL_SEED={seed}: answered {call.WasAnswered} though {end}");
            Assert.Equal(end == CallStatus.Completed ? seconds : null, call.Duration);
            Assert.NotNull(call.ReviewAt);
        }
    }

    [Fact]
    public void A_call_that_nobody_has_is_over_and_was_not_answered()
    {
        var call = CallRules.NotPlaced(new CallRow { Id = 1, CreatedAt = Start, DurationLimit = 60 }, "refused", Start);
        Assert.Equal((CallStatus.Failed, Dialled.Refused, false), (call.Status, call.Dialling, call.WasAnswered));
        Assert.Same(call, CallRules.NotPlaced(call, "again", Start));
    }
}
