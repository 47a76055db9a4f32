using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Tests.Persistence;
using Xunit;

namespace Tests.Wallet;

/// <summary>
/// A fault before each statement of each kind of money transaction, before its commit and after it: the books are as before or as
/// after, the audit finds nothing, and asking again brings them to where one undisturbed attempt would have.
/// </summary>
public class LedgerFaultTests(ITestOutputHelper output)
{
    private static readonly (string Name, Func<WalletWorld, Task> Do)[] Verbs =
    [
        ("grant", world => world.Give(40, world.Key("new"), Money.Usd(1))),
        ("grant that pays a debt", world => world.Ledger.Grant(new GrantOrder(world.Debtor, Unit.Credit, "purchase", world.Key("pays"), Credits.Whole(9), "test"))),
        ("hold", world => world.Hold(7, "hold")),
        ("hold over two lots", world => world.Hold(25, "hold")),
        ("capture below", world => world.Capture("prepared", 3)),
        ("capture above", world => world.Capture("prepared", 90)),
        ("capture of what two lots cover", world => world.Capture("both", 2)),
        ("release", world => world.Release("prepared")),
        ("release of what two lots cover", world => world.Release("both")),
        ("claw-back", world => world.ClawBack(world.Key("paid"), 12)),
        ("sweep", world =>
        {
            world.Clock.Advance(TimeSpan.FromDays(2));
            return world.Ledger.Sweep();
        }),
    ];

    [Theory, EveryDatabase]
    public async Task A_fault_anywhere_leaves_all_or_nothing_and_a_repeat_leads_to_the_same_end(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        var faults = 0;
        foreach (var (name, verb) in Verbs)
        {
            var undisturbed = await world.Fresh();
            var before = await undisturbed.Books();
            await verb(undisturbed);
            var after = await undisturbed.Books();
            Assert.NotEqual(before, after);

            // A fault that passes, and a database that stays away.
            foreach (var stays in (bool[])[false, true])
            {
                for (var at = 1; await Disturbed(world, verb, at, stays) is { } disturbed; at++)
                {
                    faults++;
                    var where = $"{name}, fault {at} at {disturbed.Reached}, {(stays ? "which stays" : "which passes")}";
                    Assert.True(disturbed.Books == before || disturbed.Books == after, $"{where}: {disturbed.Books} is neither {before} nor {after}");
                    await verb(disturbed.World);
                    Assert.True(await disturbed.World.Books() == after, $"{where}: repeated it is {await disturbed.World.Books()}, not {after}");
                }
            }

            Assert.Empty(await new LedgerAudit(world.Database).Run());
        }

        output.WriteLine($"{faults} faults");
    }

    // Null when the verb has fewer statements than that.
    private static async Task<(string Reached, string Books, WalletWorld World)?> Disturbed(WalletWorld world, Func<WalletWorld, Task> verb, int at, bool stays)
    {
        var attempt = await world.Fresh();
        var count = 0;
        string? reached = null;
        world.Database.Engine.Watch = sql =>
        {
            count++;
            if (count == at || (stays && count > at))
            {
                reached ??= sql;
                throw new TimeoutException("The database is gone.");
            }
        };
        var failure = await Record.ExceptionAsync(() => verb(attempt));
        world.Database.Engine.Watch = null;
        if (reached is null)
        {
            Assert.Null(failure);
            return null;
        }

        return (reached, await attempt.Books(), attempt);
    }
}
