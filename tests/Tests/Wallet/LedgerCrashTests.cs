using Soak;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

/// <summary>The short version of <c>bin/soak crash</c>, which kills hundreds of times with fsync on.</summary>
public class LedgerCrashTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_was_acknowledged_before_a_kill_is_there_once_and_every_hold_resolves(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using (await place.Open())
        {
            // The schema is made by nobody who will be killed.
        }

        var run = new CrashRun(place.Url, Random.Shared.Next(), output.WriteLine);
        Assert.Empty(await run.Run(kills: 4));
        Assert.True(run.Acknowledged > 0);
    }
}
