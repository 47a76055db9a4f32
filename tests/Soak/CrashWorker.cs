using System.Data.Common;
using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;

namespace Soak;

/// <summary>
/// Moves credits as fast as it can and says on its output what was acknowledged, a line each, until it is killed. A line ends with a
/// full stop, so that one cut in two is not taken for whole.
/// </summary>
internal static class CrashWorker
{
    public const string Ready = "ready.";
    public const int Accounts = 40;
    private const int Hands = 64;

    public static AccountId Account(int number) => new(new Guid(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1));

    public static async Task Run(string databaseUrl, int seed)
    {
        await using var database = Database.Open(databaseUrl);
        await Migrate.Run(database, TimeProvider.System);
        await using var services = new ServiceCollection().BuildServiceProvider();
        var ids = new Ids(TimeProvider.System);
        var ledger = new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, TimeProvider.System), ids, TimeProvider.System);
        Say(Ready);
        await Task.WhenAll(Enumerable.Range(0, Hands).Select(hand => Task.Run(() => Work(ledger, ids, new Random(seed + hand)))));
    }

    private static async Task Work(Ledger ledger, Ids ids, Random random)
    {
        while (true)
        {
            try
            {
                await Once(ledger, ids, random);
            }
            catch (Exception failure) when (failure is DbException or TimeoutException or IOException)
            {
                // The database was taken away: whether it happened is not known, so nothing was acknowledged.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private static async Task Once(Ledger ledger, Ids ids, Random random)
    {
        var (account, amount) = (Account(random.Next(Accounts)), random.Next(1, 50));
        if (random.Next(8) == 0)
        {
            var key = $"grant:{ids.Text()}";
            await ledger.Grant(new GrantOrder(
                account, Unit.Credit, "purchase", key, Credits.Whole(amount), "soak", random.Next(2) == 0 ? Money.Usd(amount) : null));
            Say($"G {key} {amount}.");
            return;
        }

        var hold = await ledger.Hold(new HoldOrder(account, Unit.Credit, ids.Text(), Credits.Whole(amount), "transcribe", TimeSpan.FromMinutes(10)));
        if (hold.HoldId is not { } id)
        {
            return;
        }

        Say($"H {id} {amount}.");
        switch (random.Next(10))
        {
            case 0:
                return;
            case < 3:
                await ledger.Release(account, Unit.Credit, id);
                Say($"R {id} 0.");
                return;
            default:
                var used = random.Next(0, amount * 3 / 2);
                await ledger.Capture(new CaptureOrder(account, Unit.Credit, id, Credits.Whole(used), "soak"));
                Say($"C {id} {used}.");
                return;
        }
    }

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{line}\n"));
            Console.Out.Flush();
        }
    }
}
