using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's <c>subscription</c>, as far as we read it, in the shapes before and after periods moved to the items.</summary>
public sealed record StripeSubscription
{
    public required string Id { get; init; }

    /// <summary><c>incomplete</c>, <c>incomplete_expired</c>, <c>trialing</c>, <c>active</c>, <c>past_due</c>, <c>unpaid</c>, <c>paused</c>, <c>canceled</c>.</summary>
    public required string Status { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Customer { get; init; }

    public string? Currency { get; init; }
    public bool CancelAtPeriodEnd { get; init; }
    public Dictionary<string, string>? Metadata { get; init; }
    public StripeList<StripeSubscriptionItem>? Items { get; init; }

    [JsonConverter(typeof(ExpandableInvoice))]
    public StripeInvoice? LatestInvoice { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? Created { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CurrentPeriodStart { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CurrentPeriodEnd { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? TrialStart { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? TrialEnd { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CancelAt { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CanceledAt { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The items, none in an object that does not bring them.</summary>
    [JsonIgnore]
    public IReadOnlyList<StripeSubscriptionItem> AllItems => Items?.Data ?? [];

    /// <summary>When the period began that was entered last.</summary>
    [JsonIgnore]
    public DateTimeOffset? PeriodStart => AllItems.Max(item => item.CurrentPeriodStart) ?? CurrentPeriodStart;

    /// <summary>Items may have periods of their own: the longest counts.</summary>
    [JsonIgnore]
    public DateTimeOffset? PeriodEnd => AllItems.Max(item => item.CurrentPeriodEnd) ?? CurrentPeriodEnd;

    /// <summary>Nothing brings it back.</summary>
    [JsonIgnore]
    public bool IsOver => Status is "canceled" or "incomplete_expired";
}

/// <summary>One price within a subscription.</summary>
public sealed record StripeSubscriptionItem
{
    public required string Id { get; init; }
    public StripePrice? Price { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CurrentPeriodStart { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? CurrentPeriodEnd { get; init; }
}

/// <summary>Reads an invoice that is expanded, or only named.</summary>
internal sealed class ExpandableInvoice : JsonConverter<StripeInvoice?>
{
    public override StripeInvoice? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return root.ValueKind switch
        {
            JsonValueKind.String => new StripeInvoice { Id = root.GetString()! },
            JsonValueKind.Object => root.Deserialize<StripeInvoice>(options),
            _ => null,
        };
    }

    public override void Write(Utf8JsonWriter writer, StripeInvoice? value, JsonSerializerOptions options) => writer.WriteStringValue(value?.Id);
}
