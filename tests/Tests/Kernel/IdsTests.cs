using Sandbox.Core;
using Xunit;

namespace Tests.Kernel;

public class IdsTests
{
    [Fact]
    public void Ids_of_one_node_sort_as_they_were_made_also_within_a_millisecond_and_when_the_clock_stands_still()
    {
        var clock = new SandboxClock();
        var ids = new Ledgerline.Kernel.Ids(clock);

        var made = Enumerable.Range(0, 20_000).Select(_ => ids.Text()).ToList();
        clock.Advance(TimeSpan.FromMilliseconds(1));
        made.Add(ids.Text());

        Assert.Equal(made, made.Order(StringComparer.Ordinal));
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.All(made, id => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));
    }

    [Fact]
    public async Task No_two_threads_get_the_same()
    {
        var ids = new Ledgerline.Kernel.Ids(TimeProvider.System);

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 5000).Select(_ => ids.Uuid()).ToList())));

        Assert.Equal(40_000, made.SelectMany(some => some).Distinct().Count());
        Assert.All(made, some => Assert.Equal(some.Select(id => id.ToString()), some.Select(id => id.ToString()).Order(StringComparer.Ordinal)));
    }
}
