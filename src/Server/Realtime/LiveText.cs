using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>A text that is being written, here or on another node. All its readers share it: one who does not read costs nothing.</summary>
public sealed class LiveText : IDisposable
{
    private readonly StringBuilder written = new();
    private readonly Owner owner;
    private bool sending;
    private bool wanted = true;
    private int sent;
    private int asked;

    /// <param name="head">The JSON object that each of its events begins with, without its closing brace.</param>
    internal LiveText(string id, AccountId account, string topic, string head, Owner owner) =>
        (Id, Account, Topic, Head, this.owner) = (id, account, topic, head, owner);

    internal string Id { get; }

    internal AccountId Account { get; }

    internal string Topic { get; }

    internal string Head { get; }

    /// <summary>Nothing will be added, and the event that has all of it may be there at any moment.</summary>
    internal bool IsComplete { get; private set; }

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

        owner.Grew(this);
    }

    /// <summary>Nothing more is added. Before the event is committed that has all of it, so that no reader begins with it after that.</summary>
    public void Complete()
    {
        lock (written)
        {
            if (IsComplete)
            {
                return;
            }

            IsComplete = true;
        }

        owner.Completed(this);
    }

    public void Dispose()
    {
        Complete();
        owner.Ended(this);
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

        owner.Grew(this);
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
            return !sending && wanted && !IsComplete && (sending = sent < written.Length);
        }
    }

    /// <summary>What other nodes have not been told yet; null when there is nothing, or they do not want it, and then sending has ended.</summary>
    internal Outgoing? NextToSend()
    {
        lock (written)
        {
            if (!wanted || IsComplete || sent >= written.Length)
            {
                sending = false;
                return null;
            }

            var next = new Outgoing(sent, written.ToString(sent, written.Length - sent), asked);
            sent = written.Length;
            return next;
        }
    }

    /// <summary>What is left to tell of a complete one; null when nobody wants it.</summary>
    internal Outgoing? LastToSend()
    {
        lock (written)
        {
            return wanted && sent > 0 ? new Outgoing(sent, written.ToString(sent, written.Length - sent), asked) : null;
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

    /// <summary>Who has to know what becomes of it.</summary>
    internal sealed record Owner(Action<LiveText> Grew, Action<LiveText> Completed, Action<LiveText> Ended);

    /// <param name="Asked">How often it had been asked for.</param>
    internal sealed record Outgoing(int Offset, string Text, int Asked);
}
