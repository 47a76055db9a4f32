using System.Collections.Concurrent;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Realtime;

/// <summary>
/// Texts that are being written at this moment, such as a model's answer: shown as they grow on streams of their topic, on every node.
/// They are not kept: whoever comes later is shown the text from its beginning, and once it is complete an event of
/// <see cref="Channels"/> has it.
/// </summary>
public sealed class LiveTexts
{
    private readonly ConcurrentDictionary<AccountId, LiveText[]> texts = new();
    private readonly StreamHub hub;
    private readonly Ids ids;
    private readonly JsonSerializerOptions json;
    private readonly TextRelay relay;
    private readonly LiveText.Owner own;

    public LiveTexts(StreamHub hub, NodeBus bus, Ids ids, TimeProvider clock, IOptions<JsonOptions> json)
    {
        (this.hub, this.ids, this.json) = (hub, ids, json.Value.SerializerOptions);
        relay = new TextRelay(this, bus, clock);
        own = new LiveText.Owner(
            text =>
            {
                Ring(text);
                relay.Grew(text);
            },
            relay.Completed,
            text =>
            {
                Remove(text);
                relay.Ended(text);
            });
    }

    /// <summary>Begins one. Complete it before the event is committed that has all of it, and dispose it afterwards.</summary>
    /// <param name="about">An object with a <c>type</c>: what each event of a part of it says besides <c>offset</c>, the character from which on it is, and <c>text</c>.</param>
    public LiveText Begin(AccountId account, string topic, object about)
    {
        var text = new LiveText(ids.Secret(12), account, topic, JsonSerializer.Serialize(about, json)[..^1], own);
        Add(text);
        return text;
    }

    /// <summary>While this is held, texts of the account that other nodes write are shown here too.</summary>
    internal IDisposable Listen(AccountId account) => relay.Listen(account);

    internal IEnumerable<LiveText> All => texts.Values.SelectMany(open => open);

    internal IReadOnlyList<LiveText> Of(AccountId account) => texts.TryGetValue(account, out var open) ? open : [];

    internal IReadOnlyList<LiveText> Of(AccountId account, string topic) =>
        Of(account) is { Count: > 0 } open ? [.. open.Where(text => text.Topic == topic)] : [];

    internal void Add(LiveText text) => texts.AddOrUpdate(text.Account, _ => [text], (_, others) => [.. others, text]);

    internal void Remove(LiveText text)
    {
        while (texts.TryGetValue(text.Account, out var open))
        {
            LiveText[] left = [.. open.Where(other => other != text)];
            if (left.Length == 0 ? texts.TryRemove(new(text.Account, open)) : texts.TryUpdate(text.Account, left, open))
            {
                return;
            }
        }
    }

    internal void Ring(LiveText text)
    {
        foreach (var stream in hub.Of(text.Account))
        {
            if (stream.Style.Topic == text.Topic)
            {
                stream.Nudge();
            }
        }
    }
}
