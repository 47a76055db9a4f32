using System.Net.Sockets;
using StackExchange.Redis;

namespace Ledgerline.Nodes;

/// <summary>
/// The one connection to Redis; without <c>REDIS_URL</c> it is simply never there. It is looked after in the background: no start waits
/// for it, and after a failure nobody waits for it again before it has taken a write. What is asked meanwhile is answered by null at once.
/// </summary>
public sealed class RedisLink(RedisOptions options, ILogger<RedisLink> log) : BackgroundService
{
    /// <summary>The longest that anybody waits for an answer.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A connection that has been silent for so many looks is given up for a new one.</summary>
    private const int MostSilence = 5;

    private readonly Lock gate = new();
    private readonly RedisEars ears = new(options, log);
    private volatile Connected? current;
    private volatile bool there;
    private volatile bool broken;
    private bool told;
    private int silence;
    private int returns;
    private int outages;

    /// <summary>After it has come, at the start too; everything that is heard is subscribed again by then.</summary>
    public event Action? Came;

    public bool IsConfigured => options.IsSet;

    /// <summary>False while nobody should wait for it.</summary>
    public bool IsThere => there;

    /// <summary>How often it has come; what was told to it before may be lost.</summary>
    public int Returns => Volatile.Read(ref returns);

    /// <summary>How often it has gone.</summary>
    public int Outages => Volatile.Read(ref outages);

    /// <summary>Null when there is no such key, or no Redis.</summary>
    public async ValueTask<byte[]?> Get(string key) => (byte[]?)(await Ask(redis => redis.Database.StringGetAsync(Name(key)))).Answer;

    /// <summary>Nobody waits for it, nobody is told when it fails.</summary>
    public void Set(string key, byte[] value, TimeSpan lifetime) =>
        Send(redis => redis.Database.StringSet(Name(key), value, lifetime, When.Always, CommandFlags.FireAndForget));

    /// <summary>Runs a Lua script, which nothing else comes between; null when there is no Redis, and then it may have run or not.</summary>
    public async ValueTask<long[]?> Run(string script, string key, params long[] numbers) =>
        (await Ask(redis => redis.Database.ScriptEvaluateAsync(script, [Name(key)], [.. numbers.Select(number => (RedisValue)number)]))) is { Given: true } reply
            ? (long[])reply.Answer!
            : null;

    /// <summary>Nobody waits for it, nobody is told when it fails.</summary>
    public void Publish(string channel, byte[] message) =>
        Send(redis => redis.Subscriber.Publish(Name(channel), message, CommandFlags.FireAndForget));

    /// <summary>How many connections heard it; null when there is no Redis.</summary>
    public async ValueTask<long?> PublishCounted(string channel, byte[] message) =>
        await Ask(redis => redis.Subscriber.PublishAsync(Name(channel), message)) is { Given: true } reply ? reply.Answer : null;

    /// <summary>From now on, over every later connection too. Messages come one after the other, so the listener must not wait for anything.</summary>
    /// <returns>Done when nothing more is missed, or when there is no Redis.</returns>
    public Task Subscribe(string channel, Action<byte[]> listen)
    {
        lock (gate)
        {
            ears.Add(channel, listen);
            return current is { } redis ? Settled(() => ears.Open(redis.Subscriber, channel)) : Task.CompletedTask;
        }
    }

    public void Unsubscribe(string channel)
    {
        lock (gate)
        {
            if (ears.Remove(channel) && current is { } redis)
            {
                _ = Settled(() => ears.Close(redis.Subscriber, channel));
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsSet)
        {
            return;
        }

        using var ticks = new PeriodicTimer(Pause, TimeProvider.System);
        try
        {
            do
            {
                await Look();
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            there = false;
            await Drop();
        }
    }

    private static bool IsAway(Exception failure) => failure
        is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException or IOException or SocketException or InvalidOperationException;

    private string Name(string key) => options.Prefix + key;

    private async Task Look()
    {
        try
        {
            if (broken)
            {
                await Drop();
            }

            if (current is null)
            {
                await Connect();
            }

            silence = await Probe(current!) ? 0 : silence + 1;
            if (silence == MostSilence)
            {
                await Drop();
            }
        }
        catch (Exception failure) when (IsAway(failure))
        {
            await Drop();
            Miss(failure);
        }
    }

    private async Task Connect()
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options.Connection());
        var redis = new Connected(multiplexer, multiplexer.GetDatabase(), multiplexer.GetSubscriber());
        multiplexer.ConnectionFailed += (_, lost) =>
        {
            if (current == redis)
            {
                broken = true;
                Lose(redis, lost.Exception);
            }
        };
        Task open;
        lock (gate)
        {
            (current, broken) = (redis, false);
            open = ears.OpenAll(redis.Subscriber);
        }

        await open.WaitAsync(Patience * 4, TimeProvider.System);
    }

    // It is there when it takes a write: a full, a read-only and a loading one are of no use.
    private async Task<bool> Probe(Connected redis)
    {
        try
        {
            await redis.Database.StringSetAsync(Name("alive"), 1, TimeSpan.FromMinutes(1)).WaitAsync(Patience, TimeProvider.System);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            Lose(redis, failure);
            Miss(failure);
            return false;
        }

        if (!there && !broken)
        {
            Interlocked.Increment(ref returns);
            there = true;
            told = false;
            log.LogInformation("Redis is there");
            Tell();
        }

        return true;
    }

    private async Task Drop()
    {
        Connected? redis;
        lock (gate)
        {
            (redis, current) = (current, null);
            (broken, silence) = (false, 0);
        }

        if (redis is not null)
        {
            await Settled(() => redis.Multiplexer.CloseAsync(allowCommandsToComplete: false));
        }
    }

    private async ValueTask<(bool Given, T? Answer)> Ask<T>(Func<Connected, Task<T>> ask)
    {
        if (!there || current is not { } redis)
        {
            return default;
        }

        try
        {
            return (true, await ask(redis).WaitAsync(Patience, TimeProvider.System));
        }
        catch (Exception failure) when (IsAway(failure))
        {
            Lose(redis, failure);
            return default;
        }
    }

    private void Send(Action<Connected> send)
    {
        if (!there || current is not { } redis)
        {
            return;
        }

        try
        {
            send(redis);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            Lose(redis, failure);
        }
    }

    private void Lose(Connected redis, Exception? failure)
    {
        lock (gate)
        {
            if (!there || current != redis)
            {
                return;
            }

            there = false;
        }

        Interlocked.Increment(ref outages);
        Miss(failure);
    }

    private void Miss(Exception? failure)
    {
        lock (gate)
        {
            if (told)
            {
                return;
            }

            told = true;
        }

        log.LogWarning("Redis does not answer ({Failure}): the database stands in for it until it does", failure?.GetType().Name ?? "connection lost");
    }

    private void Tell()
    {
        try
        {
            Came?.Invoke();
        }
        catch (Exception failure)
        {
            log.LogError(failure, "Somebody could not go on after Redis had come");
        }
    }

    private static async Task Settled(Func<Task> work)
    {
        try
        {
            await work().WaitAsync(Patience, TimeProvider.System);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            // The next look at the connection finds it out.
        }
    }

    private sealed record Connected(ConnectionMultiplexer Multiplexer, IDatabase Database, ISubscriber Subscriber);
}
