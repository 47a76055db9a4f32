namespace Sandbox.OpenAi;

/// <summary>A stretch of the transcript, from start to end in seconds.</summary>
internal sealed record Spoken(string Text, decimal Start, decimal End);

/// <summary>What was heard: the text, and its sentences and words spread over the audio by their length.</summary>
internal sealed class Transcript
{
    /// <summary>Said when a file carries no text: this is no model and does not pretend to be one.</summary>
    public const string NoModel = "This is the sandbox: no model listened to this recording.";

    private static readonly char[] SentenceEnds = ['.', '!', '?', '。', '！', '？'];

    public Transcript(string text, decimal durationSeconds)
    {
        Text = text.Trim();
        DurationSeconds = Math.Round(durationSeconds, 6);
        Sentences = Spread(Split(Text), 0, DurationSeconds);
        Words = [.. Sentences.SelectMany(sentence => Spread(
            sentence.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), sentence.Start, sentence.End))];
    }

    public string Text { get; }
    public decimal DurationSeconds { get; }
    public IReadOnlyList<Spoken> Sentences { get; }
    public IReadOnlyList<Spoken> Words { get; }

    private static List<string> Split(string text)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var last = at == text.Length - 1;
            if (last || (SentenceEnds.Contains(text[at]) && (char.IsWhiteSpace(text[at + 1]) || text[at] > 127)))
            {
                if (text[start..(at + 1)].Trim() is { Length: > 0 } sentence)
                {
                    sentences.Add(sentence);
                }

                start = at + 1;
            }
        }

        return sentences;
    }

    private static List<Spoken> Spread(IReadOnlyCollection<string> pieces, decimal from, decimal to)
    {
        var total = pieces.Sum(piece => piece.Length);
        var spread = new List<Spoken>(pieces.Count);
        var done = 0;
        foreach (var piece in pieces)
        {
            var start = from + (to - from) * done / total;
            done += piece.Length;
            spread.Add(new Spoken(piece, Math.Round(start, 2), Math.Round(from + (to - from) * done / total, 2)));
        }

        return spread;
    }
}
