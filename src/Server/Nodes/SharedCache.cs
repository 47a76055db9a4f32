using Microsoft.Extensions.Caching.Memory;

namespace Ledgerline.Nodes;

/// <summary>
/// Keeps bytes for a while: in this node's memory, and with Redis for all nodes. What is kept under a key never changes, so its version
/// belongs into the key. It may forget anything at any time.
/// </summary>
public sealed class SharedCache(RedisLink redis) : IDisposable
{
    private const long MostBytes = 64 * 1024 * 1024;
    private const int MostShared = 256 * 1024;
    private const int Overhead = 300;

    private readonly MemoryCache memory = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    /// <param name="lifetime">As with <see cref="Set"/>: how long this node keeps what another has found.</param>
    public async ValueTask<byte[]?> Get(string key, TimeSpan lifetime)
    {
        if (memory.TryGetValue(key, out byte[]? known))
        {
            return known;
        }

        if (redis.IsThere && await redis.Get(Name(key)) is { } shared)
        {
            Remember(key, shared, lifetime);
            return shared;
        }

        return null;
    }

    public void Set(string key, byte[] value, TimeSpan lifetime)
    {
        Remember(key, value, lifetime);
        if (value.Length <= MostShared)
        {
            redis.Set(Name(key), value, lifetime);
        }
    }

    public void Dispose() => memory.Dispose();

    private static string Name(string key) => $"cache:{key}";

    private void Remember(string key, byte[] value, TimeSpan lifetime) =>
        memory.Set(key, value, new MemoryCacheEntryOptions { Size = value.Length + Overhead, AbsoluteExpirationRelativeToNow = lifetime });
}
