using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence.Audit;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Identity;
using Tests.Persistence;
using Tests.Plans;
using Tests.Wallet;
using Xunit;

namespace Tests.Usage;

/// <summary>The meter of tokens: the worst case is held, what was used is charged, and what an allowance paid for is written down.</summary>
public sealed class TokenMeterTests
{
    [Theory, EveryDatabase]
    public async Task The_worst_case_is_held_and_what_was_used_is_charged_once(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = MeterOf(world);
        var use = Use(world, input: 10_000, output: 4_000);
        var answer = await meter.Authorize(use);
        Assert.Equal(new Credits(5_200_000), answer.Needed);
        Assert.Equal(new Credits(4_800_000), answer.Available);
        var authorization = answer.Authorization!;

        var receipt = new TokenReceipt(new TokenUsage(8_000, 5_000, 1_000) { ProviderRequestId = "resp_1" }, "done", new { room = 7 });
        var first = await meter.Settle(authorization, receipt);
        var second = await meter.Settle(authorization, receipt with { Usage = new TokenUsage(9_999, 0, 9_999) });

        // 3,000 · 120 + 5,000 · 12 + 1,000 · 1,000 micro-credits.
        Assert.Equal((new Credits(1_420_000), new Credits(8_580_000), use.Key), (first.Charged, first.Available, first.UseKey));
        Assert.Equal((first.Charged, first.Available), (second.Charged, second.Available));
        var row = await world.Database.Read(session => session.One<Row>(
            "SELECT input_tokens, cached_tokens, output_tokens, credits_micro, cost_micro_usd, basis, reason, funding, provider_request_id, duration_ms FROM usage_records"));
        Assert.Equal(
            (8_000L, 5_000L, 1_000L, 1_420_000L, 3_550L, "provider_usage", "done", "credits", "resp_1", 0L),
            (row.InputTokens, row.CachedTokens, row.OutputTokens, row.CreditsMicro, row.CostMicroUsd, row.Basis, row.Reason, row.Funding, row.ProviderRequestId, row.DurationMs));
        Assert.Equal(new UsageTotals(1, new Credits(1_420_000), TimeSpan.Zero), await new UsageSummary(world.Database).Since(world.Account, Unit.Credit, DateTimeOffset.UnixEpoch));
        Assert.Empty((await Audit(world, "SELECT 1")).Differences);
    }

    [Theory, EveryDatabase]
    public async Task What_was_used_beyond_the_hold_is_owed_and_blocks_the_next(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(1);
        var meter = MeterOf(world);
        var authorization = (await meter.Authorize(Use(world, 0, 1_000))).Authorization!;

        var settled = await meter.Settle(authorization, new TokenReceipt(new TokenUsage(0, 0, 3_000), "done", new { }));

        Assert.Equal((new Credits(3_000_000), Credits.Zero), (settled.Charged, settled.Available));
        Assert.Equal((0, 2), await world.Balance());
        var refused = await meter.Authorize(Use(world, 1, 1));
        Assert.Null(refused.Authorization);
        Assert.Equal(ShortageReason.Balance, refused.Shortage!.Reason);
    }

    [Theory, EveryDatabase]
    public async Task Work_that_begins_again_goes_on_with_its_hold_while_that_is_open(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var meter = MeterOf(world);
        var (use, never) = (Use(world, 10, 1_000), Use(world, 10, 1_000));
        await meter.Authorize(use);

        var resumed = (await MeterOf(world).Resume(use))!;
        Assert.Null(await meter.Resume(never));
        Assert.Null(await meter.Resume(use with { Account = new AccountId(Guid.NewGuid()) }));
        Assert.Same(use, resumed.Spend());
        Assert.Throws<InvalidOperationException>(() => resumed.Spend());
        await meter.Settle(resumed, new TokenReceipt(new TokenUsage(10, 0, 100), "done", new { }));

        Assert.Null(await meter.Resume(use));
        var other = (await meter.Authorize(never)).Authorization!;
        await meter.Release(other);
        Assert.Null(await meter.Resume(never));
        var late = Use(world, 10, 1_000);
        await meter.Authorize(late);
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        await world.Ledger.Sweep();
        Assert.Null(await meter.Resume(late));
        Assert.Equal((9, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task What_an_allowance_paid_for_is_written_down_once_with_its_cost_and_without_a_charge(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(1);
        var meter = MeterOf(world);
        for (var again = 0; again < 2; again++)
        {
            await world.Database.Write(transaction =>
            {
                for (var message = 0; message < 3; message++)
                {
                    meter.RecordFree(
                        transaction, world.Account, "chat_reply", "gemini-2.5-flash", $"reply:{message}", new TokenUsage(100, 0, 10) { IsEstimated = message == 2 }, new { message });
                }

                return Task.CompletedTask;
            });
        }

        var rows = await world.Database.Read(session => session.List<Row>(
            "SELECT input_tokens, cached_tokens, output_tokens, credits_micro, cost_micro_usd, basis, reason, funding, provider_request_id, duration_ms FROM usage_records ORDER BY hold_id"));
        Assert.Equal(["provider_usage", "provider_usage", "estimated"], rows.Select(row => row.Basis));
        Assert.All(rows, row => Assert.Equal((100L, 10L, 0L, 55L, "allowance"), (row.InputTokens, row.OutputTokens, row.CreditsMicro, row.CostMicroUsd, row.Funding)));
        Assert.Equal((1, 0), await world.Balance());
        Assert.Equal(0, (await new UsageSummary(world.Database).Since(world.Account, Unit.Credit, DateTimeOffset.UnixEpoch)).Requests);
        Assert.Empty((await Audit(world, "SELECT 1")).Differences);
        // Called a charge, it is one without a hold.
        Assert.Equal(3, (await Audit(world, "UPDATE usage_records SET funding = 'credits'")).Differences.Count);
    }

    [Theory, EveryDatabase]
    public async Task What_was_taken_opens_the_door_for_the_job_that_does_it_as_often_as_it_is_tried(string engine)
    {
        await using var world = await People.World(engine);
        var (meter, jane) = (world.Services.GetRequiredService<Meter>(), await Caller.Business(world));
        var use = new AllowanceUse(jane.Id, Want.ChatMessage, "message:1", TimeSpan.Zero);
        var never = use with { Key = "message:2" };
        var taken = await world.Database.Write(transaction => meter.Take(transaction, [use]));
        Assert.Equal(Funding.Quota, taken.Single().Verdict.Funding);

        foreach (var attempt in Enumerable.Range(1, 2))
        {
            var leave = await world.Database.Read(session => Meter.Resume(session, [use, never]));
            Assert.Equal(["message:1"], leave.Keys);
            Assert.Same(use, leave["message:1"].Spend());
            Assert.Throws<InvalidOperationException>(leave["message:1"].Spend);
        }

        Assert.Empty(await world.Database.Read(session => Meter.Resume(session, [use with { Want = Want.Message }])));
        Assert.True((await world.Database.Write(transaction => meter.Take(transaction, [use]))).Single().Again);
    }

    private static Meter MeterOf(WalletWorld world) => new(
        world.Ledger, PriceBook.Default(), new Bookkeeping(world.Clock, NullLogger<Bookkeeping>.Instance), new Ids(world.Clock), world.Clock);

    private static TokenUse Use(WalletWorld world, long input, long output) =>
        new(world.Account, "chat", "gemini-2.5-flash", input, output, Guid.NewGuid().ToString(), TimeSpan.FromMinutes(10));

    private static Task<AuditReport> Audit(WalletWorld world, string sql) =>
        Corrupted.Audit(world.Database, sql, (session, report) => UsageAudit.Inspect(session, report, world.Clock.GetUtcNow()));

    private sealed class Row
    {
        public long InputTokens { get; init; }
        public long CachedTokens { get; init; }
        public long OutputTokens { get; init; }
        public long CreditsMicro { get; init; }
        public long CostMicroUsd { get; init; }
        public required string Basis { get; init; }
        public required string Reason { get; init; }
        public required string Funding { get; init; }
        public string? ProviderRequestId { get; init; }
        public long DurationMs { get; init; }
    }
}
