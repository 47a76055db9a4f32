namespace Sandbox.Twilio.Line;

/// <summary>
/// The other end of a call. Without a script they listen, speak when the line has been silent for 700 ms after they heard
/// something, and say something too when they hear nothing for five seconds.
/// </summary>
internal sealed class Person(PersonScript script, double toneHz)
{
    public const double Utterance = 1.2;
    private const int TurnSilence = 35;
    private const int Patience = 5 * MuLaw.FramesASecond;

    private readonly Lock _gate = new();
    private readonly Queue<SpeechCue> _cues = new(script.Speaks ?? []);
    private Speech? _speech;
    private int _ticks;
    private int _silence;
    private int _sinceLast;
    private bool _heard;

    public PersonScript Script => script;
    public double ToneHz => toneHz;

    /// <summary>Speaks at once, whatever is being heard or said.</summary>
    public void Say(Speech speech)
    {
        lock (_gate)
        {
            _speech = speech;
        }
    }

    /// <summary>Lives 20 ms: hears something or not, and says a frame or nothing.</summary>
    public bool Live(bool hears, Span<byte> frame)
    {
        lock (_gate)
        {
            _silence = hears ? 0 : _silence + 1;
            _sinceLast = hears ? 0 : _sinceLast + 1;
            _heard |= hears;
            _speech = _speech is { IsOver: false } ? _speech : Begin();
            _ticks++;
            if (_speech is null)
            {
                return false;
            }

            _speech.Next().CopyTo(frame);
            (_heard, _sinceLast) = (false, 0);
            return true;
        }
    }

    private Speech? Begin()
    {
        if (script.TalksAllTheTime)
        {
            // A whole number of four frames, so that the wave does not jump.
            return Speech.Tone(toneHz, 0.96);
        }

        if (script.Speaks is not null)
        {
            return _cues.TryPeek(out var cue) && IsDue(cue) ? Make(_cues.Dequeue()) : null;
        }

        return !script.Silent && (_heard ? _silence >= TurnSilence : _sinceLast >= Patience) ? Speech.Tone(toneHz, Utterance) : null;
    }

    private bool IsDue(SpeechCue cue) =>
        cue.AfterSeconds is { } seconds ? _ticks >= seconds * MuLaw.FramesASecond
        : cue.AfterSilence is not { } silence || (_heard && _silence >= silence * MuLaw.FramesASecond);

    private Speech Make(SpeechCue cue) => cue.Wav is { } wav ? Speech.Wav(wav) : Speech.Tone(cue.ToneHz ?? toneHz, cue.Seconds);
}
