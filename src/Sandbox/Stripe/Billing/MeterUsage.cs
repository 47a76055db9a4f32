using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Reported usage: taken once by its identifier, within its window of time, and taken back within a day.</summary>
internal static class MeterUsage
{
    private const long Day = 86400;
    private const long Oldest = 35 * Day;
    private const long Ahead = 5 * 60;

    /// <summary>The meter that counts these events.</summary>
    public static JsonObject? MeterOf(StripeCall call, string eventName) =>
        call.World.All("billing.meter").FirstOrDefault(one => one.Text("event_name") == eventName && one.Text("status") == "active");

    public static JsonObject Report(StripeCall call)
    {
        var given = call.Params;
        var name = given.Required("event_name");
        var meter = MeterOf(call, name) ?? throw StripeError.Missing("active meter with the event name", name, "event_name", 400);
        var payload = given.Child("payload");
        var customer = payload.Text(meter.Text("customer_mapping", "event_payload_key")!)
            ?? throw StripeError.Invalid($"Missing key in payload: {meter.Text("customer_mapping", "event_payload_key")}.", "payload", "parameter_missing");
        if (call.World.Find("customer", customer) is null)
        {
            throw StripeError.Missing("customer", customer, "payload", 400);
        }

        var value = Value(payload, meter);
        var at = given.Long("timestamp") ?? call.Now;
        if (at < call.Now - Oldest || at > call.Now + Ahead)
        {
            throw StripeError.Invalid("The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.", "timestamp");
        }

        var identifier = given.Text("identifier") ?? Guid.CreateVersion7(call.World.Clock.GetUtcNow()).ToString();
        if (identifier.Length > 100)
        {
            throw StripeError.Invalid("identifier can have up to 100 characters.", "identifier");
        }

        if (call.World.Billing.Usage.Any(one => one.Identifier == identifier && one.Created > call.Now - Day))
        {
            throw StripeError.Invalid($"An event already exists with identifier {identifier}.", "identifier", "duplicate_meter_event");
        }

        call.World.Billing.Usage.Add(new Usage(name, identifier, customer, value, at, call.Now));
        return new JsonObject
        {
            ["object"] = "billing.meter_event",
            ["created"] = call.Now,
            ["event_name"] = name,
            ["identifier"] = identifier,
            ["livemode"] = false,
            ["payload"] = payload.Values.DeepClone(),
            ["timestamp"] = at,
        };
    }

    public static JsonObject Adjust(StripeCall call)
    {
        var name = call.Params.Required("event_name");
        var identifier = call.Params.Child("cancel").Required("identifier");
        var taken = call.World.Billing.Usage.FindLast(one => one.EventName == name && one.Identifier == identifier)
            ?? throw StripeError.Missing("meter event", identifier, "cancel[identifier]", 400);
        if (taken.Created <= call.Now - Day)
        {
            throw StripeError.Invalid("A meter event can be cancelled within 24 hours of its arrival.", "cancel[identifier]");
        }

        taken.Cancelled = true;
        return new JsonObject
        {
            ["object"] = "billing.meter_event_adjustment",
            ["cancel"] = new JsonObject { ["identifier"] = identifier },
            ["event_name"] = name,
            ["livemode"] = false,
            ["status"] = "complete",
            ["type"] = "cancel",
        };
    }

    /// <summary>What a customer's events come to from a moment up to, but not including, another.</summary>
    public static long Sum(StripeCall call, string meterId, string customer, long start, long end)
    {
        var meter = call.World.Find("billing.meter", meterId)!;
        var counted = Counted(call, meter, customer, start, end);
        return meter.Text("default_aggregation", "formula") switch
        {
            "count" => counted.Count(),
            "last" => counted.OrderBy(one => one.At).LastOrDefault()?.Value ?? 0,
            _ => counted.Sum(one => one.Value),
        };
    }

    public static bool Any(StripeCall call, string meterId, string customer, long start, long end) =>
        Counted(call, call.World.Find("billing.meter", meterId)!, customer, start, end).Any();

    private static IEnumerable<Usage> Counted(StripeCall call, JsonObject meter, string customer, long start, long end) => call.World.Billing.Usage.Where(one =>
        !one.Cancelled && one.Customer == customer && one.EventName == meter.Text("event_name") && one.At >= start && one.At < end);

    private static long Value(Params payload, JsonObject meter)
    {
        var key = meter.Text("value_settings", "event_payload_key")!;
        if (meter.Text("default_aggregation", "formula") == "count" && !payload.Has(key))
        {
            return 1;
        }

        var text = payload.Text(key) ?? throw StripeError.Invalid($"Missing key in payload: {key}.", "payload", "parameter_missing");
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw StripeError.Invalid($"The value of {key} must be a whole number, written as a text.", "payload");
    }
}
