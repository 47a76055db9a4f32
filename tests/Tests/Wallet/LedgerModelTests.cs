using System.Globalization;
using System.Reflection;
using System.Text;
using Tests.Persistence;
using Tests.Wallet.Model;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Tests.Wallet;

/// <summary>
/// Random stories against a model, compared after every step: <c>LEDGER_STEPS=200000 bin/test --filter LedgerModelTests</c> is a long
/// run, <c>LEDGER_SEED=… bin/test --filter LedgerModelTests</c> tells a story that failed again.
/// </summary>
public class LedgerModelTests(ITestOutputHelper output)
{
    private const int StepsInStory = 500;

    private static readonly int Stories = (Setting("LEDGER_STEPS", Setting("LEDGER_SEED", 0) > 0 ? 1 : 1000) + StepsInStory - 1) / StepsInStory;
    private static readonly int Seed = Setting("LEDGER_SEED", Random.Shared.Next(1, int.MaxValue / 2));
    private static readonly TimeSpan TimeToShorten = TimeSpan.FromSeconds(40);

    [Theory, EveryStory]
    public async Task Whatever_happens_the_ledger_is_where_the_model_is(string engine, int story)
    {
        var seed = Seed + story;
        output.WriteLine($"LEDGER_SEED={seed}");
        var steps = new LedgerStory(seed).Tell(StepsInStory);
        if (await LedgerTwins.Play(engine, steps) is { } failure)
        {
            Assert.Fail(
                $"LEDGER_SEED={seed}: step {failure.Step + 1} on {engine}, {steps[failure.Step]}:\n{failure.Difference}\n"
                + await Shortest(engine, steps[..(failure.Step + 1)]));
        }
    }

    // Leaves out ever smaller parts as long as it still fails.
    private static async Task<string> Shortest(string engine, List<LedgerStep> steps)
    {
        var (began, last) = (TimeProvider.System.GetTimestamp(), "");
        for (var size = steps.Count / 2; size > 0; size /= 2)
        {
            for (var from = steps.Count - size; from >= 0 && TimeProvider.System.GetElapsedTime(began) < TimeToShorten; from -= size)
            {
                List<LedgerStep> shorter = [.. steps[..from], .. steps[Math.Min(from + size, steps.Count)..]];
                if (await LedgerTwins.Play(engine, shorter) is { } failure)
                {
                    (steps, last) = (shorter[..(failure.Step + 1)], failure.Difference);
                    from = Math.Min(from, steps.Count);
                }
            }
        }

        var told = new StringBuilder("The shortest story found that fails:\n");
        steps.ForEach(step => told.Append(CultureInfo.InvariantCulture, $"    {step}\n"));
        return told.Append(last).ToString();
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class EveryStoryAttribute : DataAttribute
    {
        public override async ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        [
            .. (await new EveryDatabaseAttribute().GetData(testMethod, disposalTracker))
                .SelectMany(engine => Enumerable.Range(0, Stories).Select(story => new TheoryDataRow(engine.GetData()[0], story))),
        ];

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
