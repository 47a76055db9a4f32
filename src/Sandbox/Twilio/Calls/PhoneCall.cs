using System.Threading.Channels;
using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>A verb that was carried out, with its words or its address.</summary>
internal sealed record VerbNote(DateTimeOffset At, string Verb, string? Text);

/// <summary>Something that Twilio would show in its debugger.</summary>
internal sealed record CallFailure(DateTimeOffset At, int Code, string Message);

/// <summary>One phone call. It ends once; what it has been since stays readable.</summary>
#pragma warning disable CA1001 // Its tokens are held by whoever waits for its end, longer than it can know; without a timer they hold nothing.
internal sealed class PhoneCall(CallOrder order, Person person, DateTimeOffset createdAt)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<VerbNote> _verbs = [];
    private readonly List<CallFailure> _failures = [];
    private readonly List<object> _streams = [];
    private CancellationTokenSource _script = new();
    private CancellationTokenSource _limit = new();
    private TwimlSource? _redirect;
    private DateTimeOffset _limitSetAt;
    private int _sequence = -1;

    public string Sid { get; } = Ids.Hex("CA");
    public CallOrder Order => order;
    public Person Person => person;
    public CallSound Sound { get; } = new();
    public DateTimeOffset CreatedAt { get; } = createdAt;
    public string Status { get; private set; } = order.IsInbound ? "ringing" : "queued";
    public DateTimeOffset UpdatedAt { get; private set; } = createdAt;

    /// <summary>When it was dialled.</summary>
    public DateTimeOffset? StartedAt { get; private set; } = order.IsInbound ? createdAt : null;
    public DateTimeOffset? AnsweredAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public long QueueMs { get; private set; }
    public int TimeLimit { get; private set; } = order.TimeLimit;
    public StepCallback Callback { get; set; } = order.Callback;
    public string? AnsweredBy { get; set; }
    public string? Price { get; private set; }

    /// <summary>The media stream that is open now.</summary>
    public MediaStream? Stream { get; set; }

    /// <summary>What the person types, for a Gather.</summary>
    public Channel<char> Digits { get; } = Channel.CreateBounded<char>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });

    public CancellationToken Over => _over.Token;

    /// <summary>Ends when the first that is to be told of it was told.</summary>
    public Task Announced => _announced.Task;

    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return EndedAt is not null;
            }
        }
    }

    /// <summary>Seconds of talking, begun ones counted; null for a call that was not answered or goes on.</summary>
    public int? Duration
    {
        get
        {
            lock (_gate)
            {
                return EndedAt is { } end && AnsweredAt is { } start ? Math.Max(1, (int)Math.Ceiling((end - start).TotalSeconds)) : null;
            }
        }
    }

    public IReadOnlyList<VerbNote> Verbs
    {
        get
        {
            lock (_gate)
            {
                return [.. _verbs];
            }
        }
    }

    public IReadOnlyList<CallFailure> Failures
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures];
            }
        }
    }

    public IReadOnlyList<object> Streams
    {
        get
        {
            lock (_gate)
            {
                return [.. _streams];
            }
        }
    }

    public void Announce() => _announced.TrySetResult();

    public int NextSequence() => Interlocked.Increment(ref _sequence);

    public bool Ring(DateTimeOffset at) => Move(() => (Status, StartedAt, QueueMs) = ("ringing", at, (long)(at - CreatedAt).TotalMilliseconds), at);

    public bool Answer(DateTimeOffset at) => AnsweredAt is null && Move(() => (Status, AnsweredAt, _limitSetAt) = ("in-progress", at, at), at);

    /// <summary>False when it was over already.</summary>
    public bool End(string status, DateTimeOffset at)
    {
        var ended = Move(() => (Status, EndedAt) = (status, at), at);
        if (ended)
        {
            _ = _over.CancelAsync();
            Announce();
        }

        return ended;
    }

    public void SetPrice(string price, DateTimeOffset at)
    {
        lock (_gate)
        {
            (Price, UpdatedAt) = (price, at);
        }
    }

    public void SetTimeLimit(int seconds, DateTimeOffset at)
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            (TimeLimit, _limitSetAt, UpdatedAt) = (seconds, at, at);
            (old, _limit) = (_limit, new CancellationTokenSource());
        }

        _ = old.CancelAsync();
    }

    /// <summary>When the time limit ends it, and what tells that this is no longer true.</summary>
    public (DateTimeOffset Due, CancellationToken Changed) Limit()
    {
        lock (_gate)
        {
            var due = AnsweredAt!.Value + TimeSpan.FromSeconds(TimeLimit);
            return (due > _limitSetAt ? due : _limitSetAt, _limit.Token);
        }
    }

    /// <summary>Other instructions from now on.</summary>
    public void Redirect(TwimlSource source)
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            (_redirect, old) = (source, _script);
        }

        _ = old.CancelAsync();
    }

    /// <summary>The instructions that were put in the place of others, if any, and what ends the next ones.</summary>
    public (TwimlSource? Redirect, CancellationToken Stop) NextScript()
    {
        lock (_gate)
        {
            _script = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            var redirect = _redirect;
            _redirect = null;
            return (redirect, _script.Token);
        }
    }

    public void Note(DateTimeOffset at, string verb, string? text = null)
    {
        lock (_gate)
        {
            _verbs.Add(new VerbNote(at, verb, text));
        }
    }

    public void Fail(DateTimeOffset at, int code, string message)
    {
        lock (_gate)
        {
            _failures.Add(new CallFailure(at, code, message));
        }
    }

    public void NoteStream(object note)
    {
        lock (_gate)
        {
            _streams.Add(note);
        }
    }

    private bool Move(Action change, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (EndedAt is not null)
            {
                return false;
            }

            change();
            UpdatedAt = at;
            return true;
        }
    }
}
