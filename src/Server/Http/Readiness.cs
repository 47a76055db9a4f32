using System.Text.Json.Serialization;
using Ledgerline.Nodes;
using Ledgerline.Persistence;

namespace Ledgerline.Http;

/// <summary><c>GET /health/ready</c>: whether to send requests here. The database answers, the schema is complete, no shutdown has begun.</summary>
internal sealed class Readiness(Database database, RedisLink redis, Drain drain, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim asking = new(1, 1);
    private (Check Database, Check Migrations)? last;
    private DateTimeOffset askedAt;

    /// <param name="Status"><c>ready</c>, <c>degraded</c> (all is right, but slower) or <c>not ready</c>.</param>
    /// <param name="Detail">What is missing; absent when ready.</param>
    public sealed record Answer(string Status, string? Detail, Checks Checks);

    /// <param name="Redis">Absent when none is configured.</param>
    public sealed record Checks(
        Check Database, Check Migrations, Check Running, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Check? Redis);

    /// <param name="Detail">Why not; absent when fine.</param>
    public sealed record Check(bool Ok, string? Detail);

    public static async Task<IResult> Handle(Readiness readiness, CancellationToken stop)
    {
        var checks = await readiness.Look(stop);
        Check[] all = [checks.Running, checks.Database, checks.Migrations];
        var missing = Array.Find(all, check => !check.Ok);
        return missing is null
            ? TypedResults.Json(checks.Redis is { Ok: false } redis ? new Answer("degraded", redis.Detail, checks) : new Answer("ready", null, checks))
            : TypedResults.Json(new Answer("not ready", missing.Detail, checks), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    public void Dispose() => asking.Dispose();

    private async Task<Checks> Look(CancellationToken stop)
    {
        var running = new Check(!drain.Stopping, drain.Stopping ? "The server is shutting down." : null);
        await asking.WaitAsync(stop);
        try
        {
            // Anybody may ask as often as they like: the database is asked once a second.
            if (last is null || clock.GetUtcNow() - askedAt >= Fresh)
            {
                last = await Ask(stop);
                askedAt = clock.GetUtcNow();
            }

            return new Checks(last.Value.Database, last.Value.Migrations, running, LookAtRedis());
        }
        finally
        {
            asking.Release();
        }
    }

    private Check? LookAtRedis() =>
        !redis.IsConfigured ? null
        : redis.IsThere ? new Check(true, null)
        : new Check(false, "Redis does not answer: the database stands in for it.");

    private async Task<(Check, Check)> Ask(CancellationToken stop)
    {
        // A driver may take its time to notice the cancellation; the answer does not wait for it.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            var missing = Migrate.Missing(database, limit.Token);
            var applied = await missing.WaitAsync(Patience, TimeProvider.System, stop);
            return (new Check(true, null), applied.Count == 0
                ? new Check(true, null)
                : new Check(false, $"{applied.Count} migrations are not applied yet, the first is {applied[0]}."));
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await limit.CancelAsync();
            return (new Check(false, "The database cannot be reached."), new Check(false, "The database cannot be reached."));
        }
    }
}
