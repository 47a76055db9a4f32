namespace Sandbox.OpenAi.Realtime;

/// <summary>The items of a session in their order, and what the model has not answered yet.</summary>
internal sealed class Conversation
{
    private readonly List<ConversationItem> _items = [];

    public IReadOnlyList<ConversationItem> Items => _items;

    public int TextTokens => _items.Sum(item => item.TextTokens);

    public int AudioTokens => _items.Sum(item => item.AudioTokens);

    /// <summary>Whether the model has ever answered or spoken.</summary>
    public bool HasModelSpoken => _items.Exists(item => item is { IsModels: true, Spoken: true });

    /// <summary>What stands behind the model's last word; an answer that never sounded was none.</summary>
    public IReadOnlyList<ConversationItem> Unanswered =>
        [.. _items.Skip(_items.FindLastIndex(item => item.Type == "function_call" || (item.IsModels && (!item.Spoken || item.WasHeard))) + 1)];

    public ConversationItem? Find(string? id) => _items.Find(item => item.Id == id);

    /// <summary>The id of the item before this one, or null at the beginning.</summary>
    public string? Before(ConversationItem item) => _items.IndexOf(item) is > 0 and var at ? _items[at - 1].Id : null;

    /// <summary>Adds it behind that item; <c>root</c> means at the beginning, null at the end.</summary>
    public void Add(ConversationItem item, string? previousItemId = null)
    {
        if (Find(item.Id) is not null)
        {
            throw new RealtimeError($"Error adding item: an item with id '{item.Id}' already exists in the conversation.", "item.id", "item_create_duplicate_item_id");
        }

        if (item.Type == "function_call_output" && !_items.Exists(call => call.Type == "function_call" && call.CallId == item.CallId))
        {
            throw new RealtimeError($"Tool call ID '{item.CallId}' not found in conversation.", "item.call_id", "invalid_tool_call_id");
        }

        var at = previousItemId switch
        {
            null => _items.Count,
            "root" => 0,
            _ => _items.FindIndex(known => known.Id == previousItemId) + 1,
        };
        if (at == 0 && previousItemId is not (null or "root"))
        {
            throw new RealtimeError($"Error adding item: the previous item with id '{previousItemId}' does not exist.", "previous_item_id", "item_create_invalid_previous_item_id");
        }

        _items.Insert(at, item);
    }

    public void Remove(ConversationItem item) => _items.Remove(item);
}
