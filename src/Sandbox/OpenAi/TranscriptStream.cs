using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.OpenAi;

/// <summary>A transcript as server-sent events: deltas, speakers' segments where asked for, and one last event with the usage.</summary>
internal sealed class TranscriptStream(Transcript heard, TranscriptionOptions options, NextAnswer? script) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        if (script?.CutAfter is not null)
        {
            // A length that is never reached: the connection ends early, and what was sent arrives.
            response.ContentLength = int.MaxValue;
        }

        var sent = 0;
        foreach (var data in Events())
        {
            if (script?.CutAfter is { } most && sent++ == most)
            {
                return;
            }

            await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data.ToJsonString(Json.Options)}\n\n"), httpContext.RequestAborted);
            await response.Body.FlushAsync(httpContext.RequestAborted);
        }
    }

    private IEnumerable<JsonObject> Events()
    {
        var diarized = options.Format == "diarized_json";
        for (var at = 0; at < heard.Sentences.Count; at++)
        {
            var words = heard.Sentences[at].Text.Split(' ');
            for (var word = 0; word < words.Length; word++)
            {
                yield return Delta((at == 0 && word == 0 ? "" : " ") + words[word], diarized ? TranscriptFormats.SegmentId(at) : null);
            }

            if (diarized)
            {
                yield return TranscriptFormats.DiarizedSegment(heard.Sentences[at], at);
            }
        }

        var done = new JsonObject { ["type"] = "transcript.text.done", ["text"] = heard.Text };
        if (options.Model == OpenAiModels.Transcribe)
        {
            done["languages"] = new JsonArray(new JsonObject { ["code"] = options.Language ?? "en" });
        }

        if (options.LogProbs)
        {
            done["logprobs"] = TranscriptFormats.LogProbs(heard);
        }

        // The published event knows usage in tokens only.
        if (options.Model != OpenAiModels.Diarize)
        {
            done["usage"] = TranscriptFormats.Usage(heard, options);
        }

        script?.ApplyTo(done);
        yield return done;
    }

    private JsonObject Delta(string text, string? segment)
    {
        var delta = new JsonObject { ["type"] = "transcript.text.delta", ["delta"] = text };
        if (options.LogProbs)
        {
            delta["logprobs"] = new JsonArray(TranscriptFormats.LogProb(text));
        }

        if (segment is not null)
        {
            delta["segment_id"] = segment;
        }

        return delta;
    }
}
