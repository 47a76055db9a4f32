using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Billing meters: what is counted, under which event name, and how a period's events become one number.</summary>
internal static class Meters
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/billing/meters", Create, "event_time_window");
        api.Get("/v1/billing/meters", call => Listing.Of(call, call.World.All("billing.meter")
            .Where(one => call.Params.Text("status") is not { } status || one.Text("status") == status), "/v1/billing/meters"));
        api.Get("/v1/billing/meters/{id}", Addressed);
        api.Post("/v1/billing/meters/{id}", Update);
        api.Get("/v1/billing/meters/{id}/event_summaries", Summaries);
        api.Post("/v1/billing/meter_events", MeterUsage.Report);
        api.Post("/v1/billing/meter_event_adjustments", MeterUsage.Adjust);
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("billing.meter", "id");

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var name = given.Required("event_name");
        if (name.Length > 100)
        {
            throw StripeError.Invalid("event_name can have up to 100 characters.", "event_name");
        }

        if (MeterUsage.MeterOf(call, name) is { } taken)
        {
            throw StripeError.Invalid($"There is already an active meter ({taken.Id()}) with the event name {name}.", "event_name", "resource_already_exists");
        }

        var made = call.Create("billing.meter", "mtr_test_61", 26);
        made["updated"] = call.Now;
        given.CopyTo(made, "display_name", "event_name", "customer_mapping", "default_aggregation", "value_settings");
        call.Emit("billing.meter.created", made);
        return made;
    }

    private static JsonObject Update(StripeCall call)
    {
        var meter = Addressed(call);
        call.Change(meter, "billing.meter.updated", () =>
        {
            call.Params.CopyTo(meter, "display_name");
            meter["updated"] = call.Now;
        });
        return meter;
    }

    private static JsonObject Summaries(StripeCall call)
    {
        var meter = Addressed(call);
        var customer = call.Named("customer", "customer")!;
        var (start, end) = (call.Params.Long("start_time")!.Value, call.Params.Long("end_time")!.Value);
        var window = call.Params.Text("value_grouping_window") switch { "hour" => 3600L, "day" => 86400L, _ => 0L };
        var grid = window == 0 ? 60 : window;
        if (start >= end || start % grid != 0 || end % grid != 0)
        {
            throw StripeError.Invalid(window == 0
                ? "start_time and end_time must be aligned with minute boundaries, and start_time must come first."
                : "start_time and end_time must be aligned with the boundaries of value_grouping_window, and start_time must come first.", "start_time");
        }

        var made = new List<JsonObject>();
        for (var at = window == 0 ? start : end - window; at >= start; at -= window == 0 ? end : window)
        {
            var until = window == 0 ? end : at + window;
            if (MeterUsage.Any(call, meter.Id(), customer.Id(), at, until))
            {
                made.Add(new JsonObject
                {
                    ["id"] = $"mtrusg_test_{meter.Id()[^8..]}{at}",
                    ["object"] = "billing.meter_event_summary",
                    ["aggregated_value"] = MeterUsage.Sum(call, meter.Id(), customer.Id(), at, until),
                    ["end_time"] = until,
                    ["livemode"] = false,
                    ["meter"] = meter.Id(),
                    ["start_time"] = at,
                });
            }
        }

        return Listing.Of(call, made, $"/v1/billing/meters/{meter.Id()}/event_summaries");
    }
}
