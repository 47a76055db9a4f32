using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Tests.Wallet.Model;

/// <summary>Something to do to one wallet, once to the model and once to the ledger; both answer in the same words.</summary>
/// <param name="At">The clock while it runs, in milliseconds since the story began.</param>
/// <param name="Node">Which of the two ledgers does it.</param>
internal abstract record LedgerStep(long At, int Wallet, int Node)
{
    public abstract string Do(LedgerModel model, DateTimeOffset now);

    public abstract Task<string> Do(LedgerNode node, AccountId account, string unit);
}

internal sealed record GrantStep(long At, int Wallet, int Node, string Key, long Amount, bool Paid, long? Expires, bool Within, bool CalledOff)
    : LedgerStep(At, Wallet, Node)
{
    private string Source => Paid ? "purchase" : "signup_bonus";

    public override string Do(LedgerModel model, DateTimeOffset now) =>
        CalledOff ? Words.CalledOff : model.Grant(Key, Source, Paid, Amount, Expires is { } at ? LedgerTwins.Time(at) : null, now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit)
    {
        var order = new GrantOrder(
            account, unit, Source, Key, new Credits(Amount), "test", Paid ? Money.Usd(499) : null, ExpiresAt: Expires is { } at ? LedgerTwins.Time(at) : null);
        try
        {
            var answer = !Within && !CalledOff ? await node.Ledger.Grant(order) : await node.Database.Write(async transaction =>
            {
                var granted = await node.Ledger.Grant(transaction, order);
                return CalledOff ? throw new OperationCanceledException() : granted;
            });
            return Words.Granted(answer.Again, answer.Balance);
        }
        catch (OperationCanceledException) when (CalledOff)
        {
            return Words.CalledOff;
        }
    }
}

internal sealed record HoldStep(long At, int Wallet, int Node, string Key, long Amount, long Lifetime) : LedgerStep(At, Wallet, Node)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => model.Hold(Key, Amount, TimeSpan.FromMilliseconds(Lifetime), now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit)
    {
        var answer = await node.Ledger.Hold(new HoldOrder(account, unit, Key, new Credits(Amount), "transcribe", TimeSpan.FromMilliseconds(Lifetime)));
        return Words.Held(!answer.Refused, answer.Again, answer.Available);
    }
}

internal sealed record CaptureStep(long At, int Wallet, int Node, string Key, long Used) : LedgerStep(At, Wallet, Node)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => model.Capture(Key, Used, now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit)
    {
        try
        {
            var answer = await node.Ledger.Capture(new CaptureOrder(account, unit, Key, new Credits(Used), "transcribe: 1.0s"));
            return Words.Captured(answer.Charged, answer.Again, answer.Balance);
        }
        catch (KeyNotFoundException)
        {
            return Words.Unknown;
        }
    }
}

internal sealed record ReleaseStep(long At, int Wallet, int Node, string Key) : LedgerStep(At, Wallet, Node)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => model.Release(Key, now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit)
    {
        try
        {
            return Words.Released(await node.Ledger.Release(account, unit, Key));
        }
        catch (KeyNotFoundException)
        {
            return Words.Unknown;
        }
    }
}

internal sealed record ClawBackStep(long At, int Wallet, int Node, string Key, long Target, string Reason) : LedgerStep(At, Wallet, Node)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => model.ClawBack(Key, Target, Reason, now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit) =>
        await node.Database.Write(transaction => node.Ledger.ClawBack(transaction, account, unit, Key, new Credits(Target), Reason, (_, _) => Reason))
            ? Words.ClawedBack
            : Words.Unknown;
}

internal sealed record AskStep(long At, int Wallet, int Node) : LedgerStep(At, Wallet, Node)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => model.Ask(now);

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit) =>
        Words.Asked(await node.Database.Write(transaction => node.Ledger.Balance(transaction, account, unit)));
}

/// <summary>Looks for what is over in all wallets; to the model it is done wallet by wallet.</summary>
internal sealed record SweepStep(long At, int Node) : LedgerStep(At, Everywhere, Node)
{
    public const int Everywhere = -1;

    public override string Do(LedgerModel model, DateTimeOffset now) => Words.Swept(model.Sweep(now));

    public override async Task<string> Do(LedgerNode node, AccountId account, string unit) => Words.Swept(await node.Ledger.Sweep());
}

/// <summary>Many at the same time, on both nodes.</summary>
internal sealed record BurstStep(long At, IReadOnlyList<LedgerStep> Steps) : LedgerStep(At, SweepStep.Everywhere, 0)
{
    public override string Do(LedgerModel model, DateTimeOffset now) => throw new InvalidOperationException("A burst has no order of its own.");

    public override Task<string> Do(LedgerNode node, AccountId account, string unit) => throw new InvalidOperationException("A burst runs on several nodes.");

    public override string ToString() => $"BurstStep {{ At = {At}{string.Concat(Steps.Select(step => $"\n        {step}"))} }}";
}
