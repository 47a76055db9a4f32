using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Nodes;

namespace Ledgerline.Realtime;

/// <summary>
/// Carries texts to the nodes where somebody reads them. A part is told to whoever listens to its account; when nobody does, the next
/// ones are not told at all until somebody asks, and is told the text from its beginning. A lost part ends the text where it got lost:
/// the event that comes at its end has all of it.
/// </summary>
internal sealed class TextRelay
{
    private const string Asking = "texts";

    /// <summary>The node that wrote it is gone: a text grows all the time, or ends.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    private readonly LiveTexts texts;
    private readonly NodeBus bus;
    private readonly TimeProvider clock;
    private readonly LiveText.Owner foreign;
    private readonly Lock gate = new();
    private readonly Dictionary<AccountId, Listening> listening = [];

    public TextRelay(LiveTexts texts, NodeBus bus, TimeProvider clock)
    {
        (this.texts, this.bus, this.clock) = (texts, bus, clock);
        foreign = new LiveText.Owner(texts.Ring, _ => { }, texts.Remove);
        _ = bus.Hear(Asking, Asked);
        bus.Came += GoOn;
    }

    /// <summary>A text of this node has grown.</summary>
    public void Grew(LiveText text)
    {
        if (bus.IsOpen && text.BeginSending())
        {
            _ = Send(text);
        }
    }

    /// <summary>A text of this node has its last part.</summary>
    public void Completed(LiveText text)
    {
        if (bus.IsOpen && text.LastToSend() is { } last)
        {
            bus.Tell(ChannelOf(text.Account), Write(new TextPart(text.Id, text.Topic, text.Head, last.Offset, last.Text, IsLast: true)));
        }
    }

    /// <summary>A text of this node is over.</summary>
    public void Ended(LiveText text)
    {
        if (bus.IsOpen && text.LastToSend() is not null)
        {
            bus.Tell(ChannelOf(text.Account), Write(new TextPart(text.Id)));
        }
    }

    /// <summary>While this is held, texts of the account come here.</summary>
    public IDisposable Listen(AccountId account)
    {
        lock (gate)
        {
            if (!listening.TryGetValue(account, out var here))
            {
                listening[account] = here = new Listening();
                _ = AskOnceHeard(account, bus.Hear(ChannelOf(account), message => Heard(account, message)));
            }

            here.Readers++;
        }

        return new Reader(this, account);
    }

    private static string ChannelOf(AccountId account) => $"texts:{account}";

    private static byte[] Write(TextPart part) => JsonSerializer.SerializeToUtf8Bytes(part);

    private async Task Send(LiveText text)
    {
        while (text.NextToSend() is { } next)
        {
            if (await bus.TellCounted(ChannelOf(text.Account), Write(new TextPart(text.Id, text.Topic, text.Head, next.Offset, next.Text))) <= 0)
            {
                text.NobodyHeard(next);
            }
        }
    }

    private async Task AskOnceHeard(AccountId account, Task heard)
    {
        await heard;
        bus.Tell(Asking, Encoding.ASCII.GetBytes(account.ToString()));
    }

    private void Asked(ReadOnlyMemory<byte> message)
    {
        if (AccountId.TryParse(Encoding.ASCII.GetString(message.Span), out var account))
        {
            TellAgain(texts.Of(account));
        }
    }

    private void Heard(AccountId account, ReadOnlyMemory<byte> message)
    {
        var part = JsonSerializer.Deserialize<TextPart>(message.Span)!;
        lock (gate)
        {
            if (!listening.TryGetValue(account, out var here))
            {
                return;
            }

            var now = clock.GetUtcNow();
            if (here.Texts.GetValueOrDefault(part.Id) is { } known)
            {
                known.HeardAt = now;
                if (part.Text is null || !known.Add(part.Offset, part.Text))
                {
                    Drop(here, known);
                }
                else if (part.IsLast)
                {
                    known.Complete();
                }
            }
            else if (part is { Offset: 0, IsLast: false, Text: { } beginning })
            {
                var text = new LiveText(part.Id, account, part.Topic!, part.Head!, foreign) { IsElsewhere = true, HeardAt = now };
                here.Texts[part.Id] = text;
                texts.Add(text);
                text.Add(0, beginning);
            }

            foreach (var silent in here.Texts.Values.Where(text => now - text.HeardAt > LongestSilence).ToList())
            {
                Drop(here, silent);
            }
        }
    }

    private static void Drop(Listening here, LiveText text)
    {
        here.Texts.Remove(text.Id);
        text.Dispose();
    }

    private void Leave(AccountId account)
    {
        lock (gate)
        {
            var here = listening[account];
            if (--here.Readers == 0)
            {
                listening.Remove(account);
                bus.Leave(ChannelOf(account));
                here.Texts.Values.ToList().ForEach(text => Drop(here, text));
            }
        }
    }

    // Parts and ends may have got lost meanwhile: whoever still writes tells all of it again.
    private void GoOn()
    {
        lock (gate)
        {
            foreach (var (account, here) in listening)
            {
                foreach (var text in here.Texts.Values)
                {
                    text.HeardAt = default;
                }

                bus.Tell(Asking, Encoding.ASCII.GetBytes(account.ToString()));
            }
        }

        TellAgain(texts.All);
    }

    private void TellAgain(IEnumerable<LiveText> some)
    {
        foreach (var text in some.Where(text => text is { IsElsewhere: false, IsComplete: false }))
        {
            text.Ask();
            Grew(text);
        }
    }

    private sealed class Listening
    {
        public int Readers { get; set; }

        public Dictionary<string, LiveText> Texts { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Reader(TextRelay relay, AccountId account) : IDisposable
    {
        private TextRelay? relay = relay;

        public void Dispose() => Interlocked.Exchange(ref relay, null)?.Leave(account);
    }

    /// <summary>What one node tells another; without a text it says that this one is over.</summary>
    private sealed record TextPart(string Id, string? Topic = null, string? Head = null, int Offset = 0, string? Text = null, bool IsLast = false);
}
