using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Sandbox.OpenAi;

/// <summary>A transcript in each of the provider's response formats.</summary>
internal static class TranscriptFormats
{
    private static readonly Dictionary<string, string> Languages = new()
    {
        ["ar"] = "arabic",
        ["de"] = "german",
        ["en"] = "english",
        ["es"] = "spanish",
        ["fr"] = "french",
        ["hi"] = "hindi",
        ["it"] = "italian",
        ["ja"] = "japanese",
        ["ko"] = "korean",
        ["nl"] = "dutch",
        ["pl"] = "polish",
        ["pt"] = "portuguese",
        ["ru"] = "russian",
        ["sv"] = "swedish",
        ["tr"] = "turkish",
        ["uk"] = "ukrainian",
        ["zh"] = "chinese",
    };

    public static JsonObject Short(Transcript heard, TranscriptionOptions options, bool translation)
    {
        var answer = new JsonObject { ["text"] = heard.Text };
        if (options.Model == OpenAiModels.Transcribe)
        {
            answer["languages"] = new JsonArray(new JsonObject { ["code"] = options.Language ?? "en" });
        }

        if (options.LogProbs)
        {
            answer["logprobs"] = LogProbs(heard);
        }

        if (!translation)
        {
            answer["usage"] = Usage(heard, options);
        }

        return answer;
    }

    public static JsonObject Verbose(Transcript heard, TranscriptionOptions options, bool translation)
    {
        var answer = new JsonObject
        {
            ["task"] = translation ? "translate" : "transcribe",
            ["language"] = Languages.GetValueOrDefault(options.Language?.ToLowerInvariant() ?? "en", options.Language ?? "english"),
            ["duration"] = heard.DurationSeconds,
            ["text"] = heard.Text,
        };
        if (options.Words)
        {
            answer["words"] = new JsonArray([.. heard.Words.Select(word => new JsonObject
            {
                ["word"] = word.Text.Trim('.', ',', '!', '?', ';', ':', '"'), ["start"] = word.Start, ["end"] = word.End,
            })]);
        }

        if (options.Segments)
        {
            answer["segments"] = new JsonArray([.. heard.Sentences.Select(Segment)]);
        }

        if (!translation)
        {
            answer["usage"] = Usage(heard, options);
        }

        return answer;
    }

    public static JsonObject Diarized(Transcript heard, TranscriptionOptions options) => new()
    {
        ["task"] = "transcribe",
        ["duration"] = heard.DurationSeconds,
        ["text"] = string.Join('\n', heard.Sentences.Select(sentence => $"A: {sentence.Text}")),
        ["segments"] = new JsonArray([.. heard.Sentences.Select(DiarizedSegment)]),
        ["usage"] = Usage(heard, options),
    };

    public static JsonObject DiarizedSegment(Spoken sentence, int at) => new()
    {
        ["type"] = "transcript.text.segment",
        ["id"] = SegmentId(at),
        ["start"] = sentence.Start,
        ["end"] = sentence.End,
        ["text"] = sentence.Text,
        ["speaker"] = "A",
    };

    public static string SegmentId(int at) => string.Create(CultureInfo.InvariantCulture, $"seg_{at + 1:000}");

    /// <summary>Started seconds for the models billed by time, tokens for the others.</summary>
    public static JsonObject Usage(Transcript heard, TranscriptionOptions options)
    {
        if (options.Model is OpenAiModels.Whisper or OpenAiModels.Diarize)
        {
            return new JsonObject { ["type"] = "duration", ["seconds"] = (long)Math.Ceiling(heard.DurationSeconds) };
        }

        var audio = (long)Math.Ceiling(heard.DurationSeconds * 10);
        var text = Tokens(options.Prompt);
        var written = Tokens(heard.Text);
        return new JsonObject
        {
            ["type"] = "tokens",
            ["input_tokens"] = audio + text,
            ["input_token_details"] = new JsonObject { ["text_tokens"] = text, ["audio_tokens"] = audio },
            ["output_tokens"] = written,
            ["total_tokens"] = audio + text + written,
        };
    }

    public static JsonArray LogProbs(Transcript heard) => new([.. heard.Words.Select((word, at) => LogProb((at == 0 ? "" : " ") + word.Text))]);

    public static JsonObject LogProb(string token) => new()
    {
        ["token"] = token,
        ["logprob"] = -0.125m,
        ["bytes"] = new JsonArray([.. Encoding.UTF8.GetBytes(token).Select(one => JsonValue.Create((int)one))]),
    };

    public static string Srt(Transcript heard)
    {
        var text = new StringBuilder();
        for (var at = 0; at < heard.Sentences.Count; at++)
        {
            var sentence = heard.Sentences[at];
            text.Append(CultureInfo.InvariantCulture, $"{at + 1}\n{Stamp(sentence.Start, ',')} --> {Stamp(sentence.End, ',')}\n{sentence.Text}\n\n");
        }

        return text.Append('\n').ToString();
    }

    public static string Vtt(Transcript heard)
    {
        var text = new StringBuilder("WEBVTT\n\n");
        foreach (var sentence in heard.Sentences)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Stamp(sentence.Start, '.')} --> {Stamp(sentence.End, '.')}\n{sentence.Text}\n\n");
        }

        return text.ToString();
    }

    private static JsonObject Segment(Spoken sentence, int at) => new()
    {
        ["id"] = at,
        ["seek"] = 0,
        ["start"] = sentence.Start,
        ["end"] = sentence.End,
        ["text"] = " " + sentence.Text,
        ["tokens"] = new JsonArray([.. sentence.Text.Split(' ').Select((word, place) => JsonValue.Create(50364 + (word.Length * 31 + place) % 1000))]),
        ["temperature"] = 0.0m,
        ["avg_logprob"] = -0.25m,
        ["compression_ratio"] = 1.25m,
        ["no_speech_prob"] = 0.01m,
    };

    private static long Tokens(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    private static string Stamp(decimal seconds, char point)
    {
        var at = TimeSpan.FromMilliseconds((long)(seconds * 1000));
        return string.Create(CultureInfo.InvariantCulture, $"{(int)at.TotalHours:00}:{at.Minutes:00}:{at.Seconds:00}{point}{at.Milliseconds:000}");
    }
}
