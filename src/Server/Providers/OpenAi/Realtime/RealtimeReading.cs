using System.Text;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>What is said, used, and asked for in a session, put together from its events.</summary>
internal sealed class RealtimeReading(string model, string transcriptionModel, ILogger log)
{
    // A call has few turns; what is this far back is not spoken about any more.
    private const int Remembered = 64;

    private readonly Dictionary<string, string?> previous = [];
    private readonly Queue<string> order = new();
    private readonly StringBuilder saying = new();
    private string? sayingItem;
    private byte[] itemBytes = [];
    private string item = "";

    /// <summary>The same text for the same item, without making it anew each time.</summary>
    public string ItemOf(ReadOnlySpan<byte> id)
    {
        if (!id.SequenceEqual(itemBytes))
        {
            (itemBytes, item) = (id.ToArray(), Encoding.UTF8.GetString(id));
        }

        return item;
    }

    public void Take(JsonElement root, IVoiceListener listener)
    {
        switch (root.Text("type"))
        {
            case "conversation.item.added":
                Follow(root.Object("item").Text("id"), root.Text("previous_item_id"));
                break;
            case "input_audio_buffer.committed":
                Follow(root.Text("item_id"), root.Text("previous_item_id"));
                break;
            case "response.output_audio_transcript.delta":
                Say(root.Text("item_id"), root.Text("delta"), listener);
                break;
            case "response.output_audio_transcript.done":
                saying.Clear();
                Said(true, root.Text("item_id"), root.Text("transcript"), listener);
                sayingItem = null;
                break;
            case "conversation.item.input_audio_transcription.completed":
                Said(false, root.Text("item_id"), root.Text("transcript"), listener);
                Use(RealtimeUsage.OfTranscription(root.Text("item_id") ?? "", transcriptionModel, root.Object("usage")), listener);
                break;
            case "response.function_call_arguments.done" when root.Text("call_id") is { } call && root.Text("name") is { } name:
                listener.Called(new ToolCall(call, name, root.Text("arguments") ?? ""));
                break;
        }
    }

    /// <summary>An answer is finished, or cut off.</summary>
    public void Done(JsonElement response, IVoiceListener listener)
    {
        Flush(listener);
        foreach (var output in response.Array("output"))
        {
            // What was cut off may lack its end.
            if (output.Text("type") == "function_call" && output.Text("status") != "incomplete" && output.Text("call_id") is { } call && output.Text("name") is { } name)
            {
                listener.Called(new ToolCall(call, name, output.Text("arguments") ?? ""));
            }
        }

        if (RealtimeUsage.OfAnswer(response.Text("id") ?? "", model, response.Object("usage")) is { } usage)
        {
            Use(usage, listener);
        }
        else
        {
            log.LogError("An answer of {Model} does not say what it used", model);
        }
    }

    /// <summary>What was being said when it broke off was said as far as it came.</summary>
    public void Flush(IVoiceListener listener)
    {
        if (sayingItem is not null && saying.Length > 0)
        {
            Said(true, sayingItem, saying.ToString(), listener);
        }

        saying.Clear();
        sayingItem = null;
    }

    private void Use(VoiceUsage? usage, IVoiceListener listener)
    {
        if (usage is null)
        {
            return;
        }

        if (usage.IsInconsistent)
        {
            log.LogError("{Model} says it used what does not add up for {Id}", usage.Model, usage.Id);
        }

        listener.Used(usage);
    }

    private void Say(string? id, string? delta, IVoiceListener listener)
    {
        if (id != sayingItem)
        {
            Flush(listener);
            sayingItem = id;
        }

        saying.Append(delta);
    }

    private void Said(bool isModel, string? id, string? text, IVoiceListener listener)
    {
        if (id is not null && !string.IsNullOrWhiteSpace(text))
        {
            listener.Said(new VoiceLine(isModel, text.Trim(), id, previous.GetValueOrDefault(id)));
        }
    }

    private void Follow(string? id, string? before)
    {
        if (id is null)
        {
            return;
        }

        if (previous.TryAdd(id, before))
        {
            order.Enqueue(id);
            if (order.Count > Remembered)
            {
                previous.Remove(order.Dequeue());
            }
        }
        else if (before is not null)
        {
            previous[id] = before;
        }
    }
}
