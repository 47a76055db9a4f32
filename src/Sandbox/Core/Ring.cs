namespace Sandbox.Core;

/// <summary>The last so many things, safe for many threads.</summary>
internal sealed class Ring<T>(int capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<T> _items = [];

    public void Add(T item)
    {
        lock (_gate)
        {
            _items.AddFirst(item);
            if (_items.Count > capacity)
            {
                _items.RemoveLast();
            }
        }
    }

    public IReadOnlyList<T> Newest(Func<T, bool> fits, int limit)
    {
        lock (_gate)
        {
            return [.. _items.Where(fits).Take(limit)];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _items.Clear();
        }
    }
}
