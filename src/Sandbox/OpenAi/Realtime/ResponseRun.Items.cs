using System.Text.Json.Nodes;

namespace Sandbox.OpenAi.Realtime;

/// <summary>The items of a response, as they begin and end, and the response as events show it.</summary>
internal sealed partial class ResponseRun
{
    private ConversationItem Message() =>
        new() { Id = RealtimeSession.NewItemId(), Type = "message", Role = "assistant", Status = "in_progress", Spoken = _speaks };

    private bool Open(ConversationItem item)
    {
        _open = item;
        _output.Add(item);
        _session.Emit("response.output_item.added", ("response_id", Id), ("output_index", _output.Count - 1), ("item", item.Shape()));
        if (InConversation)
        {
            _session.AddItem(item);
        }

        if (item.Type == "message")
        {
            var part = _speaks ? new JsonObject { ["type"] = "audio", ["transcript"] = "" } : new JsonObject { ["type"] = "text", ["text"] = "" };
            _session.Emit("response.content_part.added",
                ("response_id", Id), ("item_id", item.Id), ("output_index", _output.Count - 1), ("content_index", 0), ("part", part));
        }

        return true;
    }

    /// <summary>Ends the item that is open.</summary>
    private void Shut(string status)
    {
        if (_open is not { } item)
        {
            return;
        }

        var at = _output.Count - 1;
        if (item.Type == "message")
        {
            item.Text = item.Truncated ? null : _said;
            if (_speaks)
            {
                _session.Emit("response.output_audio.done", ("response_id", Id), ("item_id", item.Id), ("output_index", at), ("content_index", 0));
                _session.Emit("response.output_audio_transcript.done",
                    ("response_id", Id), ("item_id", item.Id), ("output_index", at), ("content_index", 0), ("transcript", _said));
            }
            else
            {
                _session.Emit("response.output_text.done",
                    ("response_id", Id), ("item_id", item.Id), ("output_index", at), ("content_index", 0), ("text", _said));
            }

            var part = _speaks ? new JsonObject { ["type"] = "audio", ["transcript"] = _said } : new JsonObject { ["type"] = "text", ["text"] = _said };
            _session.Emit("response.content_part.done",
                ("response_id", Id), ("item_id", item.Id), ("output_index", at), ("content_index", 0), ("part", part));
        }

        item.Status = status;
        if (InConversation)
        {
            _session.ItemDone(item);
        }

        _session.Emit("response.output_item.done", ("response_id", Id), ("output_index", at), ("item", item.Shape()));
        _open = null;
    }

    private JsonObject Shape(string status, string? reason, RealtimeUsage? usage)
    {
        var shape = new JsonObject
        {
            ["object"] = "realtime.response",
            ["id"] = Id,
            ["status"] = status,
            ["output"] = new JsonArray([.. _output.Select(item => item.Shape())]),
            ["output_modalities"] = new JsonArray(_speaks ? "audio" : "text"),
            ["max_output_tokens"] = MaxOutputTokens,
        };
        if (InConversation)
        {
            shape["conversation_id"] = _session.ConversationId;
        }

        if (_speaks)
        {
            var output = _session.Config.Output;
            shape["audio"] = new JsonObject
            {
                ["output"] = new JsonObject { ["format"] = output["format"]!.DeepClone(), ["voice"] = output["voice"]!.DeepClone() },
            };
        }

        if (_request?["metadata"] is JsonObject metadata)
        {
            shape["metadata"] = metadata.DeepClone();
        }

        if (status is not ("in_progress" or "completed"))
        {
            shape["status_details"] = status == "failed"
                ? new JsonObject { ["type"] = status, ["error"] = new JsonObject { ["type"] = "server_error", ["code"] = "server_error" } }
                : new JsonObject { ["type"] = status, ["reason"] = reason };
        }

        if (usage is not null)
        {
            shape["usage"] = usage.Shape();
        }

        return shape;
    }
}
