using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>A text that is being written, here or on another node. All its readers share it: one who does not read costs nothing.</summary>
public sealed class LiveText : IDisposable
{
    private readonly StringBuilder written = new();
    private readonly Action<LiveText> grew;
    private readonly Action<LiveText> end;
    private bool sending;
    private bool wanted = true;
    private bool over;
    private int sent;
    private int asked;

    /// <param name="head">The JSON object that each of its events begins with, without its closing brace.</param>
    internal LiveText(string id, AccountId account, string topic, string head, Action<LiveText> grew, Action<LiveText> end) =>
        (Id, Account, Topic, Head, this.grew, this.end) = (id, account, topic, head, grew, end);

    internal string Id { get; }

    internal AccountId Account { get; }

    internal string Topic { get; }

    internal string Head { get; }

    /// <summary>Another node writes it.</summary>
    internal bool IsElsewhere { get; init; }

    /// <summary>When another node last told something of it.</summary>
    internal DateTimeOffset HeardAt { get; set; }

    public void Append(string more)
    {
        lock (written)
        {
            written.Append(more);
        }

        grew(this);
    }

    public void Dispose()
    {
        lock (written)
        {
            over = true;
        }

        end(this);
    }

    /// <summary>Adds what another node wrote from this place on. False when something before it is missing.</summary>
    internal bool Add(int offset, string part)
    {
        lock (written)
        {
            if (offset > written.Length)
            {
                return false;
            }

            if (offset + part.Length > written.Length)
            {
                written.Append(part, written.Length - offset, offset + part.Length - written.Length);
            }
        }

        grew(this);
        return true;
    }

    internal string After(int from)
    {
        lock (written)
        {
            return from < written.Length ? written.ToString(from, written.Length - from) : "";
        }
    }

    /// <summary>The event of a part of it, as JSON.</summary>
    internal string Part(int from, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{Head},\"offset\":{from},\"text\":{JsonSerializer.Serialize(text)}}}");

    /// <summary>True for whoever is to tell other nodes of it now: one at a time.</summary>
    internal bool BeginSending()
    {
        lock (written)
        {
            return !sending && wanted && !over && (sending = sent < written.Length);
        }
    }

    /// <summary>What other nodes have not been told yet; null when there is nothing, or they do not want it, and then sending has ended.</summary>
    internal Outgoing? NextToSend()
    {
        lock (written)
        {
            if (!wanted || over || sent >= written.Length)
            {
                sending = false;
                return null;
            }

            var next = new Outgoing(sent, written.ToString(sent, written.Length - sent), asked);
            sent = written.Length;
            return next;
        }
    }

    /// <summary>Nobody heard that: until somebody asks there is nobody to tell.</summary>
    internal void NobodyHeard(Outgoing told)
    {
        lock (written)
        {
            wanted = asked != told.Asked;
        }
    }

    /// <summary>Somebody begins to read it, from its beginning.</summary>
    internal void Ask()
    {
        lock (written)
        {
            asked++;
            (wanted, sent) = (true, 0);
        }
    }

    /// <param name="Asked">How often it had been asked for.</param>
    internal sealed record Outgoing(int Offset, string Text, int Asked);
}
