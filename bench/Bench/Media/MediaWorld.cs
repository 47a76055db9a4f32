using Ledgerline;
using Ledgerline.Numbers;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;

namespace Bench.Media;

/// <summary>Our server with companies whose numbers can be rung, its model the load's stub.</summary>
internal sealed class MediaWorld : IDisposable
{
    private const int Companies = 20;
    private const string AuthToken = "the carrier's token of the benchmark";

    private readonly string databaseUrl;

    private MediaWorld(ServerProcess server, string databaseUrl, IReadOnlyList<string> numbers) => (Server, this.databaseUrl, Numbers) = (server, databaseUrl, numbers);

    public ServerProcess Server { get; }
    public IReadOnlyList<string> Numbers { get; }

    public static async Task<MediaWorld> Start(string databaseUrl, int modelPort, CarrierStub carrier)
    {
        var server = await ServerProcess.Start(databaseUrl, $"http://127.0.0.1:{modelPort}", apart: true, settings: new Dictionary<string, string>
        {
            ["TWILIO_ACCOUNT_SID"] = PhoneLoad.AccountSid,
            ["TWILIO_AUTH_TOKEN"] = AuthToken,
            ["TWILIO_PHONE_NUMBER"] = "+15550100199",
            ["TWILIO_BASE_URL"] = carrier.Address,
            ["CALLS_AT_ONCE"] = "10000",
            ["CALLS_PER_SECOND"] = "0",
            // What is late is measured here, and not refused.
            ["MEDIA_LATE_MS"] = "0",
        });
        return new MediaWorld(server, databaseUrl, await Rung(server, databaseUrl));
    }

    public LoadOrder Order(int modelPort) => new(
        new Uri($"ws://{Server.Address.Authority}"), Server.Address, Server.Address.ToString(), AuthToken, Numbers, modelPort, 0, 0, 2, 20, 0, Server.Child.Id, false);

    /// <summary>Reservations that are open, and calls that are not settled.</summary>
    public async Task<(long Holds, long Calls)> Open()
    {
        await using var database = Database.Open(databaseUrl);
        return await database.Read(async session => (
            await session.One<long>("SELECT COUNT(*) FROM reservations WHERE state = 'reserved'"),
            await session.One<long>("SELECT COUNT(*) FROM calls WHERE status NOT IN ('completed', 'busy', 'failed', 'no-answer', 'canceled')")));
    }

    public void Dispose() => Server.Dispose();

    private static async Task<IReadOnlyList<string>> Rung(ServerProcess server, string databaseUrl)
    {
        var people = await ChatWorld.People(server.Address, databaseUrl, Companies);
        await using var app = ServerApp.Build(
            ["--environment=Development", $"--DATABASE_URL={databaseUrl}", "--PORT=0", "--STRIPE_SYNC_CATALOGUE=false", "--LOG_LEVEL=ERROR"]);
        var (database, entitlements, desk, now) =
            (app.Services.GetRequiredService<Database>(), app.Services.GetRequiredService<Entitlements>(), app.Services.GetRequiredService<NumberDesk>(), TimeProvider.System.GetUtcNow());
        var plan = await app.Services.GetRequiredService<PlanCatalog>().Find("mobile_weekly") ?? throw new InvalidOperationException("There is no plan without a limit.");
        var numbers = new List<string>();
        foreach (var (one, at) in people.Select((one, at) => (one, at)))
        {
            await database.Write(transaction => entitlements.Put(transaction, new EntitlementFacts(
                one.Account, plan.Product, plan.Id, plan.Version, plan.Store, $"sub_bench_{at}", EntitlementStatus.Active, now, now.AddDays(7), false, null, null)));
            numbers.Add($"+1555010{at + 1000}");
            await desk.Assign(one.Account, numbers[^1]);
        }

        return numbers;
    }
}
