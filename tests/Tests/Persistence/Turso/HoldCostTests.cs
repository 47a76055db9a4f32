using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class HoldCostTests
{
    [Fact]
    public async Task A_hold_is_at_most_four_round_trips()
    {
        await using var place = await TursoPlace.Start();
        await Migrate.Run(place.Database, place.Sandbox.Clock);
        await using var services = new ServiceCollection()
            .AddSingleton(place.Database).AddSingleton<TimeProvider>(place.Sandbox.Clock).AddSingleton<Ids>()
            .AddSingleton<Outbox>().AddSingleton<Listeners>().AddSingleton<JobSignal>().AddSingleton<Ledger>()
            .BuildServiceProvider();
        var ledger = services.GetRequiredService<Ledger>();
        var account = new AccountId(services.GetRequiredService<Ids>().Uuid());
        await ledger.Grant(new GrantOrder(account, Unit.Credit, "signup_bonus", "grant", Credits.Whole(10), "test"));

        var trips = await place.RoundTrips(() => ledger.Hold(new HoldOrder(account, Unit.Credit, "hold", Credits.Whole(1), "transcribe", TimeSpan.FromMinutes(10))));

        Assert.InRange(trips, 1, 4);
        Assert.Equal(9, (await ledger.Balance(account, Unit.Credit)).Available.Floor);
    }
}
