using System.Collections.Concurrent;
using System.Text;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>
/// Texts that are being written at this moment, such as a model's answer: shown as they grow on streams of their topic. They are not
/// kept: whoever comes later is shown the text from its beginning, and once it is complete an event of <see cref="Channels"/> has it.
/// </summary>
public sealed class LiveTexts(StreamHub hub)
{
    private readonly ConcurrentDictionary<(AccountId Account, string Topic), LiveText[]> texts = new();

    /// <summary>Begins one; dispose it when the event that has all of it is committed.</summary>
    /// <param name="part">The event for a part of it: from which character on, and the part.</param>
    public LiveText Begin(AccountId account, string topic, Func<int, string, object> part)
    {
        LiveText? text = null;
        text = new LiveText(part, () => Ring(account, topic), () => Remove(account, topic, text!));
        texts.AddOrUpdate((account, topic), _ => [text], (_, others) => [.. others, text]);
        return text;
    }

    internal IReadOnlyList<LiveText> Of(AccountId account, string topic) => texts.TryGetValue((account, topic), out var open) ? open : [];

    private void Ring(AccountId account, string topic)
    {
        foreach (var stream in hub.Of(account))
        {
            if (stream.Style.Topic == topic)
            {
                stream.Nudge();
            }
        }
    }

    private void Remove(AccountId account, string topic, LiveText text)
    {
        while (texts.TryGetValue((account, topic), out var open))
        {
            LiveText[] left = [.. open.Where(other => other != text)];
            if (left.Length == 0 ? texts.TryRemove(new((account, topic), open)) : texts.TryUpdate((account, topic), left, open))
            {
                return;
            }
        }
    }
}

/// <summary>A text that is being written. All its readers share it: one who does not read costs nothing.</summary>
public sealed class LiveText : IDisposable
{
    private readonly StringBuilder written = new();
    private readonly Func<int, string, object> part;
    private readonly Action ring;
    private readonly Action end;

    internal LiveText(Func<int, string, object> part, Action ring, Action end) => (this.part, this.ring, this.end) = (part, ring, end);

    public void Append(string more)
    {
        lock (written)
        {
            written.Append(more);
        }

        ring();
    }

    public void Dispose() => end();

    internal string After(int from)
    {
        lock (written)
        {
            return from < written.Length ? written.ToString(from, written.Length - from) : "";
        }
    }

    internal object Part(int from, string text) => part(from, text);
}
