using System.Diagnostics;
using Tests.World;
using Xunit;

namespace Tests.Stories;

/// <summary>The year is the same wherever the server believes to be: these zones turn their clocks at different dates, one by half an hour, each twice within any year.</summary>
public sealed class YearOfBillingTests
{
    [Theory]
    [InlineData("postgres", "Europe/Berlin")]
    [InlineData("turso", "Australia/Lord_Howe")]
    public async Task Trial_plan_upgrade_failure_grace_recovery_and_the_end_agree_to_the_cent(string engine, string zone)
    {
        using var elsewhere = new LocalZone(zone);
        await YearOfBilling.Pass(engine);
    }
}

/// <summary>The same, and how long it takes.</summary>
[Collection(Alone.Name)]
public sealed class YearInSecondsTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_year_of_one_account_is_a_matter_of_seconds()
    {
        using var elsewhere = new LocalZone("America/New_York");
        // The first one is the compiler's.
        await Measure();
        var taken = await Measure();
        Assert.True(taken < Bar, $"A year took {taken}.");
    }

    // With server, sandbox and database. On a machine that has other work to do the clock on the wall says nothing; then it is the processors' time.
    private async Task<TimeSpan> Measure()
    {
        using var self = Process.GetCurrentProcess();
        var (busy, started) = (self.TotalProcessorTime, Stopwatch.GetTimestamp());
        await YearOfBilling.Pass("sqlite");
        var elapsed = Stopwatch.GetElapsedTime(started);
        self.Refresh();
        var computed = self.TotalProcessorTime - busy;
        output.WriteLine($"A year of one account: {elapsed.TotalSeconds:0.0} s, of which the processors computed {computed.TotalSeconds:0.0} s.");
        return elapsed < computed ? elapsed : computed;
    }
}
