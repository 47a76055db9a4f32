using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Tests.Wallet;

/// <summary>Some customers for whom everything happens, at random: purchases, gifts that expire, usage, refunds, disputes, debts and their repayment.</summary>
internal sealed class BusyHistory(WalletWorld world, Random random)
{
    private static readonly string[] Odd =
    [
        "transcribe: 10.0s", "", "  two  spaces ", "a; comment: yes", "payee | note", "(code) * ! = @", "line\nbreak\r\nand\ttab", "2026-01-01 open wallet:x  5",
        "日本語 – é 👩‍🚀 \u2028 \u0085 \u00a0", "\ud800 alone", "back\\slash \"quoted\" {braces} [2026-02-31]", "    ; tag: value", new string('x', 10_000),
    ];

    private readonly AccountId[] accounts = [.. Enumerable.Range(0, 5).Select(_ => new AccountId(Guid.NewGuid()))];
    private readonly List<(AccountId Account, string Unit, string Key, long Amount)> packs = [];
    private readonly List<(AccountId Account, string Unit, string Id, long Amount)> holds = [];
    private int keys;

    public async Task Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await Step();
        }
    }

    private Task Step() => random.Next(12) switch
    {
        0 or 1 => Grant(),
        2 when packs.Count > 0 => ClawBack(),
        3 when holds.Count > 0 => Release(),
        4 => Later(),
        5 or 6 or 7 when holds.Count > 0 => Capture(),
        _ => Hold(),
    };

    private async Task Grant()
    {
        var (account, unit, key, amount) = (Anyone(), AnyUnit(), $"pack,{++keys}; |:", random.NextInt64(1, 60_000_000));
        var paid = random.Next(2) == 0;
        await world.Ledger.Grant(new GrantOrder(
            account, unit, paid ? "purchase" : "signup_bonus", key, new Credits(amount), AnyText(), paid ? Money.Usd(499) : null, paid ? "pi_1,2" : null,
            random.Next(3) == 0 ? world.Clock.GetUtcNow().AddDays(random.Next(1, 5)) : null));
        packs.Add((account, unit, key, amount));
    }

    private Task ClawBack()
    {
        var (account, unit, key, amount) = packs[random.Next(packs.Count)];
        var target = random.Next(3) switch { 0 => 0, 1 => amount, _ => random.NextInt64(amount + 1) };
        return world.Database.Write(transaction => world.Ledger.ClawBack(
            transaction, account, unit, key, new Credits(target), random.Next(2) == 0 ? "refund" : "dispute", (_, _) => AnyText(), "re_1"));
    }

    private async Task Hold()
    {
        var (account, unit, amount) = (Anyone(), AnyUnit(), random.NextInt64(1, 30_000_000));
        var answer = await world.Ledger.Hold(new HoldOrder(account, unit, $"hold:{++keys}", new Credits(amount), random.Next(2) == 0 ? "transcribe" : "odd; purpose 日", TimeSpan.FromHours(30)));
        if (answer.HoldId is { } id)
        {
            holds.Add((account, unit, id, amount));
        }
    }

    private Task Capture()
    {
        var (account, unit, id, amount) = holds[random.Next(holds.Count)];
        var used = random.Next(4) == 0 ? amount + random.NextInt64(40_000_000) : random.NextInt64(amount + 1);
        return world.Ledger.Capture(new CaptureOrder(account, unit, id, new Credits(used), AnyText()));
    }

    private Task Release()
    {
        var (account, unit, id, _) = holds[random.Next(holds.Count)];
        return world.Ledger.Release(account, unit, id);
    }

    private Task Later()
    {
        world.Clock.Advance(TimeSpan.FromHours(random.Next(1, 12)));
        return world.Ledger.Sweep();
    }

    private AccountId Anyone() => accounts[random.Next(accounts.Length)];

    private string AnyUnit() => random.Next(3) == 0 ? "v2 c" : Unit.Credit;

    private string AnyText() => Odd[random.Next(Odd.Length)].Replace("\ud800 ", random.Next(2) == 0 ? "\ufffd " : "", StringComparison.Ordinal);
}
