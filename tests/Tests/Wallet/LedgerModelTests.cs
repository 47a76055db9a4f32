using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Tests.Persistence;
using Xunit;

namespace Tests.Wallet;

/// <summary>Random operations against a model that knows no lots: only what came in, what went out, and what is reserved.</summary>
public class LedgerModelTests(ITestOutputHelper output)
{
    private const int Steps = 400;

    [Theory, EveryDatabase]
    public async Task Whatever_happens_the_wallet_is_what_came_in_less_what_went_out_less_what_is_held(string engine)
    {
        // LEDGER_SEED=123 bin/test --filter LedgerModelTests runs the same steps again.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"LEDGER_SEED={seed}");
        await using var world = await WalletWorld.Start(engine);
        var model = new Model(new Random(seed), world);
        for (var step = 1; step <= Steps; step++)
        {
            var what = await model.Step();
            var balance = await world.Ledger.Balance(world.Account, Unit.Credit);
            Assert.True(
                (balance.Available, balance.Owed) == (model.Available, model.Owed),
                $"LEDGER_SEED={seed}, step {step}, {what}: {balance} where the model has {model.Available} available, {model.Owed} owed");
        }

        Assert.Empty(await new LedgerAudit(world.Database).Run());
    }

    private sealed class Model(Random random, WalletWorld world)
    {
        private readonly Dictionary<string, long> open = [];
        private readonly List<string> resolved = [];
        private readonly Dictionary<string, (long Amount, long Clawed)> packs = [];
        private long net;

        public Credits Available => Credits.Whole(Math.Max(0, net - open.Values.Sum()));
        public Credits Owed => Credits.Whole(Math.Max(0, open.Values.Sum() - net));

        public Task<string> Step() => random.Next(10) switch
        {
            0 => Grant(),
            1 => ClawBack(),
            2 or 3 => Release(),
            4 => Late(),
            5 or 6 => Capture(),
            _ => Hold(),
        };

        private async Task<string> Grant()
        {
            var (key, amount) = ($"pack:{packs.Count}", random.Next(1, 60));
            var paid = random.Next(2) == 0;
            await world.Give(amount, key, paid ? Money.Usd(100) : null);
            Assert.True((await world.Give(amount, key)).Again);
            packs[key] = (amount, 0);
            net += amount;
            return $"grant {amount}";
        }

        private async Task<string> ClawBack()
        {
            if (packs.Count == 0)
            {
                return "nothing to claw back";
            }

            var (key, (amount, clawed)) = packs.ElementAt(random.Next(packs.Count));
            var target = random.Next(3) switch { 0 => 0, 1 => amount, _ => random.NextInt64(amount + 1) };
            await world.ClawBack(key, target);
            net -= target - clawed;
            packs[key] = (amount, target);
            return $"claw back to {target} of {amount}";
        }

        private async Task<string> Hold()
        {
            var amount = random.Next(1, 30);
            var admitted = Owed == Credits.Zero && Available >= Credits.Whole(amount);
            var answer = await world.Hold(amount);
            Assert.Equal(admitted, !answer.Refused);
            if (admitted)
            {
                open[answer.HoldId!] = amount;
            }

            return $"hold {amount} {(admitted ? "admitted" : "refused")}";
        }

        private async Task<string> Capture()
        {
            if (open.Count == 0)
            {
                return "nothing to capture";
            }

            var (id, held) = open.ElementAt(random.Next(open.Count));
            var used = random.Next(4) == 0 ? held + random.Next(1, 40) : random.NextInt64(held + 1);
            await world.Capture(id, used);
            Close(id, used);
            return $"capture {used} of {held}";
        }

        private async Task<string> Release()
        {
            if (open.Count == 0)
            {
                return "nothing to release";
            }

            var id = open.Keys.ElementAt(random.Next(open.Count));
            Assert.True(await world.Release(id));
            Close(id, 0);
            return "release";
        }

        private async Task<string> Late()
        {
            if (resolved.Count == 0)
            {
                return "nothing is late";
            }

            var id = resolved[random.Next(resolved.Count)];
            Assert.False(await world.Release(id));
            if (!(await world.Capture(id, 2)).Again)
            {
                net -= 2;
            }

            return "late capture";
        }

        private void Close(string id, long used)
        {
            open.Remove(id);
            resolved.Add(id);
            net -= used;
        }
    }
}
