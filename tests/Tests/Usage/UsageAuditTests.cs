using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence.Audit;
using Ledgerline.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Persistence;
using Tests.Wallet;
using Xunit;

namespace Tests.Usage;

/// <summary>A charge without a use, and a use without its charge, are found from either side.</summary>
public sealed class UsageAuditTests
{
    [Theory, EveryDatabase]
    public async Task Each_charge_has_its_record_and_each_record_its_charge(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = new Meter(
            world.Ledger, PriceBook.Default(), new Bookkeeping(world.Clock, NullLogger<Bookkeeping>.Instance), new Ids(world.Clock), world.Clock);
        var use = new AudioUse(world.Account, "transcribe", "whisper-1", 31, "use", TimeSpan.FromMinutes(10));
        await meter.Settle((await meter.Authorize(use)).Authorization!, new Receipt(new Consumption(), "done", new { }));
        var record = await world.Database.Read(session => session.One<string>("SELECT id FROM usage_records"));
        var hold = await world.Database.Read(session => session.One<string>("SELECT id FROM holds"));

        Assert.Equal(["Every book balances: 1 usage records and 0 recorded uses were added up again."], (await Audit("SELECT 1")).Lines());
        Assert.Equal(
            [$"3 credit were charged for hold {hold} of account {world.Account} and no usage record says what for."],
            (await Audit("DELETE FROM usage_records")).Differences);
        Assert.Equal(
            [$"Usage record {record} of account {world.Account} says that 3 credit were charged for hold {hold}, which was not captured."],
            (await Audit("UPDATE holds SET status = 'released', captured_micro = NULL")).Differences);
        Assert.Equal(
            [$"Usage record {record} of account {world.Account} says 2 credit where 3 credit were charged: 1 credit too little."],
            (await Audit("UPDATE usage_records SET credits_micro = 2000000")).Differences);
        Assert.Equal(
            [$"Usage record {record} of account {world.Account} counts in vc where credit were charged."],
            (await Audit("UPDATE usage_records SET unit = 'vc'")).Differences);

        Task<AuditReport> Audit(string sql) =>
            Corrupted.Audit(world.Database, sql, (session, report) => UsageAudit.Inspect(session, report, world.Clock.GetUtcNow()));
    }
}
