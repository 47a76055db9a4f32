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
    private int _sequence = -1;

    private CallState _state = new(order.IsInbound ? "ringing" : "queued", createdAt)
    {
        StartedAt = order.IsInbound ? createdAt : null,
        TimeLimit = order.TimeLimit,
        LimitSetAt = createdAt,
    };

    public string Sid { get; } = Ids.Hex("CA");
    public CallOrder Order => order;
    public Person Person => person;
    public CallSound Sound { get; } = new();
    public DateTimeOffset CreatedAt { get; } = createdAt;
    public StepCallback Callback { get; set; } = order.Callback;

    /// <summary>How it stands.</summary>
    public CallState State => Volatile.Read(ref _state);

    /// <summary>The media stream that is open now.</summary>
    public MediaStream? Stream { get; set; }

    /// <summary>What the person types, for a Gather.</summary>
    public Channel<char> Digits { get; } = Channel.CreateBounded<char>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });

    public CancellationToken Over => _over.Token;

    /// <summary>Ends when the first that is to be told of it was told.</summary>
    public Task Announced => _announced.Task;

    public bool IsOver => State.IsOver;

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

    public bool Ring(DateTimeOffset at) =>
        Move(state => state with { Status = "ringing", StartedAt = at, QueueMs = (long)(at - CreatedAt).TotalMilliseconds, UpdatedAt = at });

    /// <summary>False when it was answered already, or is over.</summary>
    public bool Answer(DateTimeOffset at) =>
        Move(state => state.AnsweredAt is not null ? state : state with { Status = "in-progress", AnsweredAt = at, LimitSetAt = at, UpdatedAt = at });

    /// <summary>Ends it with this status, or as completed when it was answered; a jump of the clock beyond the limit makes it no longer. False when it was over already.</summary>
    public bool End(string status, DateTimeOffset at)
    {
        var ended = Move(state => state with
        {
            Status = state.AnsweredAt is null ? status : "completed",
            EndedAt = state.LimitDue < at ? state.LimitDue : at,
            UpdatedAt = at,
        });
        if (ended)
        {
            _ = _over.CancelAsync();
            Announce();
        }

        return ended;
    }

    public void SetPrice(string price, DateTimeOffset at) => Set(state => state with { Price = price, UpdatedAt = at });

    public void SetAnsweredBy(string who, DateTimeOffset at) => Set(state => state with { AnsweredBy = who, UpdatedAt = at });

    public void SetTimeLimit(int seconds, DateTimeOffset at)
    {
        Set(state => state with { TimeLimit = seconds, LimitSetAt = at, UpdatedAt = at });
        _ = Interlocked.Exchange(ref _limit, new CancellationTokenSource()).CancelAsync();
    }

    /// <summary>Tells that the time limit is another.</summary>
    public CancellationToken LimitMoved => Volatile.Read(ref _limit).Token;

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

    private void Set(Func<CallState, CallState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
        }
    }

    // Nothing moves a call that is over.
    private bool Move(Func<CallState, CallState> change)
    {
        lock (_gate)
        {
            var before = _state;
            _state = before.IsOver ? before : change(before);
            return _state != before;
        }
    }
}
