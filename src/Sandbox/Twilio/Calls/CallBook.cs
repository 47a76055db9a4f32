using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>How the dialler works.</summary>
internal sealed record Dialling
{
    public double RingSeconds { get; init; } = 1;
    public double CallsPerSecond { get; init; } = 1;

    /// <summary>The first callback, and without ringing also the first request for instructions, come before the POST is answered.</summary>
    public bool CallbacksFirst { get; init; }
}

/// <summary>All calls of the account, who is at the other end of the next ones, and how they are dialled.</summary>
internal sealed class CallBook(SandboxClock clock) : IDisposable
{
    private const double LowestTone = 300;
    private const int Tones = 96;

    private readonly Lock _gate = new();
    private readonly List<PhoneCall> _calls = [];
    private readonly Dictionary<string, PhoneCall> _bySid = [];
    private readonly List<PersonScript> _people = [];
    private CancellationTokenSource _world = new();
    private DateTimeOffset _nextSlot;
    private int _nextTone;

    public Dialling Dialling { get; set; } = new();

    /// <summary>Ends when everything is forgotten.</summary>
    public CancellationToken World => _world.Token;

    public PhoneCall Open(CallOrder order)
    {
        lock (_gate)
        {
            var script = TakePerson(order.To, order.From);
            var tone = script.ToneHz ?? LowestTone + (Line.Tones.Step * (_nextTone++ % Tones));
            var call = new PhoneCall(order, new Person(script, tone), clock.GetUtcNow());
            _calls.Add(call);
            _bySid[call.Sid] = call;
            return call;
        }
    }

    public PhoneCall? Find(string sid)
    {
        lock (_gate)
        {
            return _bySid.GetValueOrDefault(sid);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<PhoneCall> List()
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_calls)];
        }
    }

    public void Remove(PhoneCall call)
    {
        lock (_gate)
        {
            _calls.Remove(call);
            _bySid.Remove(call.Sid);
        }
    }

    public void Expect(PersonScript person)
    {
        lock (_gate)
        {
            _people.Add(person);
        }
    }

    /// <summary>How long a call waits until the account may dial again.</summary>
    public TimeSpan TakeSlot()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var slot = _nextSlot > now ? _nextSlot : now;
            _nextSlot = slot + (TimeSpan.FromSeconds(1) / Dialling.CallsPerSecond);
            return slot - now;
        }
    }

    /// <summary>Forgets every call; those that run end without a word.</summary>
    public void Clear()
    {
        CancellationTokenSource old;
        List<PhoneCall> calls;
        lock (_gate)
        {
            (old, _world) = (_world, new CancellationTokenSource());
            calls = [.. _calls];
            _calls.Clear();
            _bySid.Clear();
            _people.Clear();
            (_nextSlot, _nextTone, Dialling) = (default, 0, new Dialling());
        }

        old.Cancel();
        calls.ForEach(call => call.End("canceled", clock.GetUtcNow()));
    }

    public void Dispose() => Clear();

    private PersonScript TakePerson(string to, string from)
    {
        var at = _people.FindIndex(person => person.Fits(to, from));
        if (at < 0)
        {
            return to.EndsWith("0003", StringComparison.Ordinal) ? PersonScript.Machine : new PersonScript();
        }

        var person = _people[at];
        if (person.Times <= 1)
        {
            _people.RemoveAt(at);
        }
        else
        {
            _people[at] = person with { Times = person.Times - 1 };
        }

        return person;
    }
}
