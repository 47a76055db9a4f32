using Ledgerline.Kernel;

namespace Ledgerline.Nodes;

/// <summary>
/// What nodes tell each other at once. A message may get lost: whoever must know looks for itself now and then. Without Redis there is
/// nobody to tell.
/// </summary>
public sealed class NodeBus(RedisLink redis, Ids ids)
{
    private const int NameLength = 8;

    // Nobody needs to hear itself.
    private readonly byte[] self = ids.Bytes(NameLength);
    private readonly HashSet<string> own = new(StringComparer.Ordinal);

    /// <summary>Other nodes may have missed what was said before.</summary>
    public event Action Came
    {
        add => redis.Came += value;
        remove => redis.Came -= value;
    }

    /// <summary>False when there is nobody to tell.</summary>
    public bool IsOpen => redis.IsThere;

    public void Tell(string channel, ReadOnlySpan<byte> message)
    {
        if (redis.IsThere)
        {
            redis.Publish(channel, [.. self, .. message]);
        }
    }

    /// <summary>How many other nodes have heard it.</summary>
    public async ValueTask<long> TellCounted(string channel, ReadOnlyMemory<byte> message)
    {
        bool isOwn;
        lock (own)
        {
            isOwn = own.Contains(channel);
        }

        return (await redis.PublishCounted(channel, [.. self, .. message.Span]) ?? 0) - (isOwn ? 1 : 0);
    }

    /// <summary>Hears what other nodes tell. The listener must not wait for anything.</summary>
    /// <returns>Done when nothing more is missed.</returns>
    public Task Hear(string channel, Action<ReadOnlyMemory<byte>> listen)
    {
        if (!redis.IsConfigured)
        {
            return Task.CompletedTask;
        }

        lock (own)
        {
            own.Add(channel);
        }

        return redis.Subscribe(channel, message =>
        {
            if (message.Length >= NameLength && !message.AsSpan(0, NameLength).SequenceEqual(self))
            {
                listen(message.AsMemory(NameLength));
            }
        });
    }

    public void Leave(string channel)
    {
        lock (own)
        {
            own.Remove(channel);
        }

        redis.Unsubscribe(channel);
    }
}
