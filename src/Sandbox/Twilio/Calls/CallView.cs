using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>A call as the control room shows it: what its other end heard and said, and what went over the wire.</summary>
internal static class CallView
{
    public static object Of(PhoneCall call, Recordings recordings)
    {
        var (sound, state) = (call.Sound, call.State);
        return new
        {
            sid = call.Sid,
            status = state.Status,
            direction = call.Order.Direction,
            from = call.Order.From,
            to = call.Order.To,
            tone_hz = call.Person.ToneHz,
            answered_by = state.AnsweredBy,
            created_at = call.CreatedAt,
            answered_at = state.AnsweredAt,
            ended_at = state.EndedAt,
            duration_seconds = state.Duration,
            time_limit = state.TimeLimit,
            heard = sound.Heard.Stretches().Select(Shape),
            said = sound.Said.Stretches().Select(Shape),
            stream_seconds = (double)sound.Ticks / MuLaw.FramesASecond,
            frames_in = sound.FramesIn,
            frames_out = sound.FramesOut,
            frames_dropped = sound.FramesDropped + (call.Stream?.Sender.Dropped ?? 0),
            marks = sound.Marks,
            marks_returned = sound.MarksReturned,
            clears = sound.Clears,
            odd_payloads = sound.OddPayloads,
            malformed = sound.Malformed,
            most_waiting_seconds = sound.MostWaitingSeconds,
            stream_sid = call.Stream?.StreamSid,
            streams = call.Streams,
            verbs = call.Verbs,
            recordings = recordings.List(call.Sid).Reverse().Select(Shape),
            failures = call.Failures,
        };
    }

    private static object Shape(Recording recording) => new
    {
        sid = recording.Sid,
        source = recording.Order.Source,
        status = recording.Status,
        started_at = recording.StartedAt,
        seconds = recording.Seconds,
    };

    private static object Shape(Stretch stretch) => new { at = stretch.At, seconds = stretch.Seconds, tones_hz = stretch.TonesHz, gap_seconds = stretch.GapSeconds };
}
