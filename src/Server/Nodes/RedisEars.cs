using StackExchange.Redis;

namespace Ledgerline.Nodes;

/// <summary>Who listens to which channel of Redis, whatever becomes of the connection: each new one is opened for all of them again.</summary>
internal sealed class RedisEars(RedisOptions options, ILogger log)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Action<byte[]>> heard = new(StringComparer.Ordinal);

    public void Add(string channel, Action<byte[]> listen)
    {
        lock (gate)
        {
            heard[channel] = listen;
        }
    }

    /// <summary>False when nobody listened.</summary>
    public bool Remove(string channel)
    {
        lock (gate)
        {
            return heard.Remove(channel);
        }
    }

    public Task Open(ISubscriber redis, string channel) => redis.SubscribeAsync(options.Prefix + channel, Hear);

    public Task Close(ISubscriber redis, string channel) => redis.UnsubscribeAsync(options.Prefix + channel);

    public Task OpenAll(ISubscriber redis)
    {
        lock (gate)
        {
            return Task.WhenAll(heard.Keys.Select(channel => Open(redis, channel)).ToList());
        }
    }

    private void Hear(RedisChannel channel, RedisValue message)
    {
        Action<byte[]>? listen;
        lock (gate)
        {
            heard.TryGetValue(((string)channel)[options.Prefix.Length..], out listen);
        }

        try
        {
            listen?.Invoke(message!);
        }
        catch (Exception failure)
        {
            log.LogError(failure, "A message of another node could not be read");
        }
    }
}
