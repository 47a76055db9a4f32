using Sandbox.OpenAi.Realtime.Sound;

namespace Sandbox.OpenAi.Realtime;

/// <summary>A text that a client entered as an item.</summary>
internal sealed record RealtimeNote(DateTimeOffset At, string Role, string Text);

/// <summary>A cut that a client made.</summary>
internal sealed record RealtimeTruncation(DateTimeOffset At, string ItemId, int AudioEndMs);

/// <summary>A session as the control room shows it.</summary>
internal sealed record RealtimeView(
    string Id, string? CallId, string Model, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? EndedBy, object Session,
    IReadOnlyDictionary<string, int> EventsIn, IReadOnlyDictionary<string, int> EventsOut, decimal HeardSeconds, IReadOnlyList<HeardStretch> Heard,
    IReadOnlyDictionary<string, long> AppendedBytes, decimal MaxGapMs, IReadOnlyList<object> Items, IReadOnlyList<RealtimeNote> Notes,
    IReadOnlyList<RealtimeTruncation> Truncations, object Usage, int Responses, bool Responding);

/// <summary>What the control room wants to know.</summary>
internal sealed partial class RealtimeSession
{
    private readonly Dictionary<string, int> _in = [];
    private readonly Dictionary<string, int> _out = [];
    private readonly Dictionary<string, long> _appended = [];
    private readonly List<RealtimeNote> _notes = [];
    private readonly List<RealtimeTruncation> _truncations = [];
    private RealtimeUsage _usage = RealtimeUsage.None;
    private int _responses;
    private int _eventsOut;
    private long? _lastAppendAt;
    private TimeSpan _longestGap;

    public DateTimeOffset? EndedAt { get; private set; }

    public RealtimeView View()
    {
        lock (_gate)
        {
            return new RealtimeView(
                Id, CallId, Config.Model, StartedAt, EndedAt, EndedBy?.ToString().ToLowerInvariant(), Config.Shape(), new SortedDictionary<string, int>(_in),
                new SortedDictionary<string, int>(_out), _listener.NowMs / 1000m, _listener.Stretches, new Dictionary<string, long>(_appended),
                Math.Round((decimal)_longestGap.TotalMilliseconds, 1), [.. _conversation.Items.Select(Shown)], [.. _notes], [.. _truncations], _usage.Shape(),
                _responses, Active is not null);
        }
    }

    private static object Shown(ConversationItem item)
    {
        var shape = item.Shape();
        if (item.Spoken)
        {
            shape["audio_ms"] = (int)(item.Seconds * 1000);
            shape["truncated"] = item.Truncated;
        }

        return shape;
    }

    private void CountIn(string type) => _in[type] = _in.GetValueOrDefault(type) + 1;

    private void CountOut(string type)
    {
        _out[type] = _out.GetValueOrDefault(type) + 1;
        _eventsOut++;
    }

    private void CountAppended(int bytes)
    {
        _appended[Config.InputFormat.Name] = _appended.GetValueOrDefault(Config.InputFormat.Name) + bytes;
        var now = TimeProvider.System.GetTimestamp();
        if (_lastAppendAt is { } last && TimeProvider.System.GetElapsedTime(last, now) is var gap && gap > _longestGap)
        {
            _longestGap = gap;
        }

        _lastAppendAt = now;
    }

    private void Count(RealtimeUsage usage)
    {
        _usage += usage;
        _responses++;
    }

    private void KeepNote(string role, string text) => _notes.Add(new RealtimeNote(_clock.GetUtcNow(), role, text));

    private void KeepTruncation(string itemId, int audioEndMs) => _truncations.Add(new RealtimeTruncation(_clock.GetUtcNow(), itemId, audioEndMs));
}
