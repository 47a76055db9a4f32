namespace Tests.Wallet.Model;

/// <summary>
/// Invents steps from a seed and from nothing else: what became of earlier steps plays no part, so that the same seed is the same
/// story although a burst can end in several ways. Therefore it also asks for what cannot be.
/// </summary>
internal sealed class LedgerStory(int seed)
{
    public const int Wallets = 4;

    private const long Second = 1000;
    private const long Day = 86_400 * Second;

    private readonly Random random = new(seed);
    private readonly List<(int Wallet, string Key, long Amount)> lots = [];
    private readonly List<(int Wallet, string Key, long Amount)> holds = [];
    private readonly SortedSet<long> ends = [];
    private long now;
    private int keys;

    public List<LedgerStep> Tell(int steps) => [.. Enumerable.Range(0, steps).Select(_ => Next())];

    private LedgerStep Next()
    {
        PassTime();
        return random.Next(25) == 0 ? Burst() : One(random.Next(Wallets));
    }

    private LedgerStep One(int wallet) => random.Next(100) switch
    {
        < 14 => Grant(wallet),
        < 45 => Hold(wallet),
        < 68 => Capture(wallet),
        < 78 => new ReleaseStep(now, wallet, Node, HoldOf(wallet).Key),
        < 91 => ClawBack(wallet),
        < 94 => new AskStep(now, wallet, Node),
        _ => new SweepStep(now, Node),
    };

    private int Node => random.Next(2);

    // A millisecond at the least, because what was granted at the same moment is spent in no certain order.
    private void PassTime()
    {
        ends.RemoveWhere(end => end <= now);
        now = random.Next(10) switch
        {
            0 => now + Second * random.Next(1, 600),
            1 when ends.Count > 0 => ends.Min,
            2 when ends.Count > 0 && ends.Min > now + 1 => ends.Min - 1,
            3 when random.Next(6) == 0 => now + random.NextInt64(Day * 20),
            _ => now + 1,
        };
    }

    private long End()
    {
        var end = now + random.Next(4) switch { 0 => random.Next(1, 20), 1 => Second * random.Next(1, 900), 2 => random.NextInt64(1, Day), _ => random.NextInt64(1, Day * 30) };
        // No two at the same moment: they would end in no certain order.
        while (!ends.Add(end))
        {
            end++;
        }

        return end;
    }

    private GrantStep Grant(int wallet)
    {
        var again = random.Next(8) == 0 && lots.Exists(lot => lot.Wallet == wallet);
        var key = again ? LotOf(wallet).Key : $"g{++keys}";
        var step = new GrantStep(
            now, wallet, Node, key, random.Next(1, random.Next(4) == 0 ? 400 : 60), random.Next(2) == 0, random.Next(2) == 0 ? End() : null,
            random.Next(3) == 0, random.Next(15) == 0);
        if (!again)
        {
            lots.Add((wallet, key, step.Amount));
        }

        return step;
    }

    private HoldStep Hold(int wallet)
    {
        var again = random.Next(8) == 0 && holds.Exists(hold => hold.Wallet == wallet);
        var (_, key, amount) = again ? HoldOf(wallet) : (wallet, $"h{++keys}", random.Next(1, random.Next(4) == 0 ? 150 : 40));
        if (!again)
        {
            holds.Add((wallet, key, amount));
        }

        return new HoldStep(now, wallet, Node, key, amount, End() - now);
    }

    private CaptureStep Capture(int wallet)
    {
        var (_, key, amount) = HoldOf(wallet);
        var used = random.Next(6) switch { 0 => 0, 1 => amount, 2 => amount + random.Next(1, 90), _ => random.NextInt64(amount + 1) };
        return new CaptureStep(now, wallet, Node, key, used);
    }

    private ClawBackStep ClawBack(int wallet)
    {
        var (_, key, amount) = LotOf(wallet);
        var target = random.Next(3) switch { 0 => 0, 1 => amount, _ => random.NextInt64(amount + 1) };
        return new ClawBackStep(now, wallet, Node, key, target, random.Next(2) == 0 ? "refund" : "dispute");
    }

    private BurstStep Burst()
    {
        var wallet = random.Next(Wallets);
        return new BurstStep(now, random.Next(3) switch
        {
            0 => [.. Enumerable.Range(0, random.Next(2, 12)).Select(_ => Hold(wallet))],
            1 => Twice(Apart(random.Next(2, 6), () => One(wallet))),
            _ => Twice(Apart(random.Next(4, 13), () => One(random.Next(Wallets)))),
        });
    }

    // Some of them are also asked of the other node at once.
    private List<LedgerStep> Twice(List<LedgerStep> steps) => [.. steps, .. steps.Where(_ => random.Next(5) == 0).Select(step => step with { Node = 1 - step.Node }).ToList()];

    // One new lot a wallet and one change of a lot at the same moment, for the same reason as above.
    private static List<LedgerStep> Apart(int count, Func<LedgerStep> next) =>
        [.. Enumerable.Range(0, count).Select(_ => next()).DistinctBy(step => step switch
        {
            GrantStep grant => $"grant {grant.Wallet}",
            ClawBackStep back => $"back {back.Key}",
            SweepStep => "sweep",
            _ => step.ToString(),
        })];

    private (int Wallet, string Key, long Amount) HoldOf(int wallet) => OneOf(holds, wallet);

    private (int Wallet, string Key, long Amount) LotOf(int wallet) => OneOf(lots, wallet);

    // Mostly of the last few, where something may still happen.
    private (int Wallet, string Key, long Amount) OneOf(List<(int Wallet, string Key, long Amount)> all, int wallet)
    {
        var own = all.Where(one => one.Wallet == wallet).TakeLast(random.Next(10) == 0 ? int.MaxValue : 8).ToList();
        return own.Count == 0 ? (wallet, "nobody", 10) : own[random.Next(own.Count)];
    }
}
