using System.Buffers.Binary;
using Ledgerline.Kernel;
using Ledgerline.Nodes;

namespace Ledgerline.Realtime;

/// <summary>
/// Tells other nodes which accounts have new events, at the moment they are committed. Only that and their last number: a node with
/// streams of the account reads the rows, all others have a few bytes to throw away.
/// </summary>
public sealed class StreamNews(NodeBus bus, StreamHub hub) : IHostedService
{
    private const string Channel = "events";
    private const int AccountLength = 16;
    private const int EntryLength = AccountLength + sizeof(long);

    // Nodes that never publish anything hear too.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = bus.Hear(Channel, Heard);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal void Tell(IReadOnlyList<(AccountId Account, long Last)> news)
    {
        if (!bus.IsOpen)
        {
            return;
        }

        var message = new byte[news.Count * EntryLength];
        for (var i = 0; i < news.Count; i++)
        {
            var entry = message.AsSpan(i * EntryLength, EntryLength);
            news[i].Account.Value.TryWriteBytes(entry);
            BinaryPrimitives.WriteInt64LittleEndian(entry[AccountLength..], news[i].Last);
        }

        bus.Tell(Channel, message);
    }

    private void Heard(ReadOnlyMemory<byte> message)
    {
        for (var news = message.Span; news.Length >= EntryLength; news = news[EntryLength..])
        {
            hub.Wake(new AccountId(new Guid(news[..AccountLength])), BinaryPrimitives.ReadInt64LittleEndian(news[AccountLength..]));
        }
    }
}
