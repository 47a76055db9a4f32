namespace Sandbox.OpenAi.Realtime.Sound;

/// <summary>How turns are detected, worked out from a session's configuration.</summary>
internal sealed record TurnDetection(bool On, double Threshold, int PrefixMs, int SilenceMs, bool Creates, bool Interrupts, int? IdleMs);

/// <summary>A stretch of sound between two silences.</summary>
/// <param name="At">Seconds of audio since the stream began.</param>
internal sealed record HeardStretch(decimal At, decimal Seconds, IReadOnlyList<double> TonesHz);

/// <summary>What was said in one turn.</summary>
/// <param name="Seconds">Of sound, silences left out.</param>
/// <param name="BufferedSeconds">Of audio, silences and padding included: what is paid for.</param>
internal sealed record HeardTurn(double? ToneHz, decimal Seconds, decimal BufferedSeconds);

/// <summary>Somebody began to speak, or has finished.</summary>
internal sealed record SpeechEdge(long AtMs, HeardTurn? Finished);

/// <summary>
/// The input audio buffer: counts audio by what was appended and by nothing else, tells speech from silence by energy in windows of 20 ms,
/// and tones in windows of 100 ms.
/// </summary>
internal sealed class Listener
{
    private const int WindowMs = 20;
    private const int WindowsToBegin = 2;
    private const int WindowsToEnd = 2;
    private const int MostStretches = 1_000;
    // At the usual threshold of 0.5 about -34 dB of full scale; spoken tones have -13.5.
    private const double LoudAtThresholdOne = 0.04;

    private readonly List<SpeechEdge> _edges = [];
    private readonly List<HeardStretch> _stretches = [];
    private readonly Dictionary<double, int> _turnTones = [];
    private SoundFormat _format = SoundFormat.Pcm;
    private float[] _tonal = [];
    private int _tonalFilled;
    private byte[] _window = [];
    private int _windowFilled;
    private double _bufferStartMs;
    private double _nowMs;
    private int _loudRun;
    private int _quietRun;
    private int _loudWindows;
    private bool _speaking;
    private double _turnStartMs;
    private double? _stretchStartMs;
    private double _stretchEndMs;
    private List<double> _stretchTones = [];
    private double? _lastTone;

    public long NowMs => (long)_nowMs;

    /// <summary>Whether somebody is in the middle of a turn.</summary>
    public bool Speaking => _speaking;

    /// <summary>What was heard so far, the stretch that still sounds included.</summary>
    public IReadOnlyList<HeardStretch> Stretches => _stretchStartMs is null ? [.. _stretches] : [.. _stretches, Stretch(_stretchStartMs.Value)];

    public decimal BufferedMs => (decimal)(_nowMs - _bufferStartMs);

    /// <summary>Takes audio in; the edges that it brought, valid until the next call.</summary>
    public IReadOnlyList<SpeechEdge> Hear(ReadOnlySpan<byte> sound, SoundFormat format, TurnDetection detection)
    {
        _edges.Clear();
        var windowBytes = format.BytesPerSecond * WindowMs / 1000;
        if (format != _format || _window.Length == 0)
        {
            (_format, _windowFilled, _tonalFilled) = (format, 0, 0);
            _tonal = new float[format.Rate / 10];
            _window = new byte[windowBytes];
        }

        while (sound.Length > 0)
        {
            var taken = Math.Min(sound.Length, windowBytes - _windowFilled);
            sound[..taken].CopyTo(_window.AsSpan(_windowFilled));
            _windowFilled += taken;
            sound = sound[taken..];
            if (_windowFilled == windowBytes)
            {
                _windowFilled = 0;
                Window(_window.AsSpan(0, windowBytes), detection);
            }
        }

        return _edges;
    }

    /// <summary>Empties the buffer, by hand or because a silence was committed; what was in it.</summary>
    public HeardTurn Take()
    {
        var turn = new HeardTurn(TurnTone(), Seconds(_loudWindows * WindowMs), Seconds(_nowMs - _bufferStartMs));
        EndTurn();
        return turn;
    }

    private void Window(ReadOnlySpan<byte> sound, TurnDetection detection)
    {
        Span<float> samples = stackalloc float[480];
        samples = samples[..(sound.Length / _format.BytesPerSample)];
        _format.Decode(sound, samples);
        _nowMs += WindowMs;
        var limit = LoudAtThresholdOne * Math.Max(0.05, detection.Threshold);
        var loud = ToneFinder.Energy(samples) > limit * limit * samples.Length;
        Note(samples, loud);
        if (loud)
        {
            (_loudRun, _quietRun) = (_loudRun + 1, 0);
            _loudWindows++;
        }
        else
        {
            (_loudRun, _quietRun) = (0, _quietRun + 1);
        }

        if (!detection.On)
        {
            return;
        }

        if (!_speaking && _loudRun >= WindowsToBegin)
        {
            _speaking = true;
            _turnStartMs = Math.Max(_bufferStartMs, _nowMs - WindowsToBegin * WindowMs - detection.PrefixMs);
            _loudWindows = WindowsToBegin;
            _turnTones.Clear();
            _edges.Add(new SpeechEdge((long)_turnStartMs, null));
        }
        else if (_speaking && _quietRun * WindowMs >= detection.SilenceMs)
        {
            var turn = new HeardTurn(TurnTone(), Seconds(_loudWindows * WindowMs), Seconds(_nowMs - _turnStartMs));
            _edges.Add(new SpeechEdge(NowMs, turn));
            EndTurn();
        }
    }

    private void EndTurn()
    {
        (_speaking, _loudWindows, _bufferStartMs, _loudRun) = (false, 0, _nowMs, 0);
        _turnTones.Clear();
    }

    private double? TurnTone() => _turnTones.Count == 0 ? null : _turnTones.MaxBy(tone => tone.Value).Key;

    /// <summary>Keeps the book of what sounded when.</summary>
    private void Note(ReadOnlySpan<float> samples, bool loud)
    {
        if (loud)
        {
            _stretchStartMs ??= _nowMs - WindowMs;
            _stretchEndMs = _nowMs;
            samples.CopyTo(_tonal.AsSpan(_tonalFilled));
            _tonalFilled += samples.Length;
            if (_tonalFilled == _tonal.Length)
            {
                Recognise();
            }
        }
        else if (_stretchStartMs is { } start && _nowMs - _stretchEndMs >= WindowsToEnd * WindowMs)
        {
            // Too short an end says little, unless it is all there is.
            if (_stretchTones.Count == 0 && _tonalFilled >= _tonal.Length * 2 / 5)
            {
                Recognise();
            }

            _stretches.Add(Stretch(start));
            if (_stretches.Count > MostStretches)
            {
                _stretches.RemoveAt(0);
            }

            (_stretchStartMs, _stretchTones, _tonalFilled) = (null, [], 0);
        }
    }

    private void Recognise()
    {
        foreach (var tone in ToneFinder.Find(_tonal.AsSpan(0, _tonalFilled), _format.Rate, _lastTone))
        {
            if (!_stretchTones.Contains(tone))
            {
                _stretchTones.Add(tone);
            }

            _turnTones[tone] = _turnTones.GetValueOrDefault(tone) + 1;
            _lastTone = tone;
        }

        _tonalFilled = 0;
    }

    private HeardStretch Stretch(double start) => new(Seconds(start), Seconds(_stretchEndMs - start), [.. _stretchTones]);

    private static decimal Seconds(double milliseconds) => Math.Round((decimal)milliseconds / 1000, 2);
}
