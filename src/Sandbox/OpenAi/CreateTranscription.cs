using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.OpenAi.Audio;

namespace Sandbox.OpenAi;

/// <summary>Transcriptions and translations: reads the upload, measures the audio itself, and answers in the format that was asked for.</summary>
internal static class CreateTranscription
{
    private const decimal ShortestSeconds = 0.1m;
    private const decimal LongestUnchunkedSeconds = 30;

    private static readonly string[] Extensions = [".flac", ".m4a", ".mp3", ".mp4", ".mpeg", ".mpga", ".oga", ".ogg", ".wav", ".webm"];

    public static async Task<IResult> Transcribe(HttpContext context, NextAnswers answers)
    {
        await using var upload = await Upload.Read(context);
        return Answer(context, upload, TranscriptionOptions.ForTranscription, translation: false, answers);
    }

    public static async Task<IResult> Translate(HttpContext context, NextAnswers answers)
    {
        await using var upload = await Upload.Read(context);
        return Answer(context, upload, TranscriptionOptions.ForTranslation, translation: true, answers);
    }

    private static IResult Answer(HttpContext context, Upload upload, Func<Upload, TranscriptionOptions> check, bool translation, NextAnswers answers)
    {
        var options = check(upload);
        var audio = Listen(upload);
        if (options.Model == OpenAiModels.Diarize && audio.DurationSeconds > LongestUnchunkedSeconds && !options.Chunked)
        {
            throw new OpenAiError(400, "chunking_strategy is required for diarization models with audio longer than 30 seconds.", "chunking_strategy");
        }

        var heard = new Transcript(audio.Comment is { Length: > 0 } text ? text : Transcript.NoModel, audio.DurationSeconds);
        var script = answers.Take();
        if (script is not null)
        {
            // A scripted answer breaks the published shape on purpose.
            HeldAnswer.Excuse(context);
            if (script.Text is { ValueKind: JsonValueKind.String } said)
            {
                heard = new Transcript(said.GetString()!, audio.DurationSeconds);
            }
        }

        if (script?.Body is { } nonsense)
        {
            return Results.Text(nonsense, "application/json");
        }

        return options switch
        {
            { Stream: true } => new TranscriptStream(heard, options, script),
            { Format: "text" } => Plain(heard.Text + "\n"),
            { Format: "srt" } => Plain(TranscriptFormats.Srt(heard)),
            { Format: "vtt" } => Plain(TranscriptFormats.Vtt(heard)),
            { Format: "verbose_json" } => Shaped(TranscriptFormats.Verbose(heard, options, translation), script),
            { Format: "diarized_json" } => Shaped(TranscriptFormats.Diarized(heard, options), script),
            _ => Shaped(TranscriptFormats.Short(heard, options, translation), script),
        };
    }

    private static AudioFacts Listen(Upload upload)
    {
        if (upload.File is null)
        {
            throw new OpenAiError(400, "Missing required parameter: 'file'.", "file", "missing_required_parameter");
        }

        if (!Extensions.Contains(Path.GetExtension(upload.FileName)?.ToLowerInvariant()))
        {
            throw new OpenAiError(400, $"Unrecognized file format. Supported formats: {string.Join(", ", Extensions.Select(one => one[1..]))}.", "file");
        }

        var audio = AudioFile.Measure(upload.File.SafeFileHandle)
            ?? throw new OpenAiError(400, "Audio file might be corrupted or unsupported.", "file", "invalid_value");
        return audio.DurationSeconds >= ShortestSeconds
            ? audio
            : throw new OpenAiError(400, "Audio file is too short. Minimum audio length is 0.1 seconds.", "file", "audio_too_short");
    }

    private static IResult Plain(string text) => Results.Text(text, "text/plain", Encoding.UTF8);

    private static IResult Shaped(JsonObject answer, NextAnswer? script)
    {
        script?.ApplyTo(answer);
        return Json.Answer(answer);
    }
}
