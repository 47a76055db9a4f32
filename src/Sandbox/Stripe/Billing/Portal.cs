using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>Sessions of the customer portal and how it is configured; <see cref="PortalPage"/> is what they open.</summary>
internal static class Portal
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/billing_portal/sessions", Create, "customer_account on_behalf_of");
        api.Get("/v1/billing_portal/configurations", call => Listing.Of(call, Configurations(call)
            .Where(one => call.Params.Flag("active") is not { } active || one.Flag("active") == active)
            .Where(one => call.Params.Flag("is_default") is not { } isDefault || one.Flag("is_default") == isDefault), "/v1/billing_portal/configurations"));
        api.Post("/v1/billing_portal/configurations", Configure, "login_page");
    }

    /// <summary>The session that a portal's address belongs to.</summary>
    public static JsonObject? BySecret(StripeCall call, string secret) =>
        call.World.All("billing_portal.session").FirstOrDefault(one => one.Text("url")!.EndsWith("/" + secret, StringComparison.Ordinal));

    public static JsonObject Configuration(StripeCall call, JsonObject session) => call.World.Find("billing_portal.configuration", session.Text("configuration"))!;

    private static IEnumerable<JsonObject> Configurations(StripeCall call)
    {
        if (!call.World.All("billing_portal.configuration").Any(one => one.Flag("is_default")))
        {
            call.Create("billing_portal.configuration", "bpc_1")["updated"] = call.Now;
        }

        return call.World.All("billing_portal.configuration");
    }

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var customer = call.Named("customer", "customer") ?? throw StripeError.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        var configuration = call.Named("billing_portal.configuration", "configuration") ?? Configurations(call).First(one => one.Flag("is_default"));
        var back = given.Text("return_url") ?? configuration.Text("default_return_url");
        CheckUrl(back, "return_url");
        var flow = given.Has("flow_data") ? Flow(call, given.Child("flow_data"), customer.Id(), configuration) : null;
        var made = call.Create("billing_portal.session", "bps_1");
        made.With(
            ("configuration", configuration.Id()), ("customer", customer.Id()), ("return_url", back), ("locale", given.Text("locale")), ("flow", flow),
            ("url", $"{call.Origin}/stripe/p/session/{Ids.New("test_", 40)}"));
        call.Emit("billing_portal.session.created", made);
        return made;
    }

    private static JsonObject Flow(StripeCall call, Params data, string customer, JsonObject configuration)
    {
        var type = data.Text("type")!;
        if (type is "customer_update" || data.Child("subscription_cancel").Has("retention"))
        {
            throw StripeError.NotPlayed(type == "customer_update" ? "flow_data[type]=customer_update" : "retention offers");
        }

        var flow = Skeletons.New("billing_portal.flow").With(("type", type));
        var after = data.Child("after_completion");
        CheckUrl(after.Child("redirect").Text("return_url"), "flow_data[after_completion][redirect][return_url]");
        if (after.Text("type") is { } ending)
        {
            flow["after_completion"] = new JsonObject
            {
                ["hosted_confirmation"] = ending == "hosted_confirmation" ? new JsonObject { ["custom_message"] = after.Child("hosted_confirmation").Text("custom_message") } : null,
                ["redirect"] = ending == "redirect" ? new JsonObject { ["return_url"] = after.Child("redirect").Required("return_url") } : null,
                ["type"] = ending,
            };
        }

        if (type == "payment_method_update")
        {
            return flow;
        }

        var about = data.Child(type);
        var id = about.Required("subscription");
        var subscription = call.World.Find("subscription", id) is { } found && found.Text("customer") == customer
            ? found
            : throw StripeError.Missing("subscription", id, about.PathOf("subscription"), 400);
        if (SubscriptionStatus.IsOver(subscription) || (type == "subscription_cancel" && subscription.LongOrNull("cancel_at") is not null))
        {
            throw StripeError.Invalid($"The subscription {id} is canceled, or set to be canceled already.", about.PathOf("subscription"));
        }

        var needed = type == "subscription_cancel" ? "subscription_cancel" : "subscription_update";
        if (configuration.Child("features")!.Child(needed)?.Flag("enabled") != true)
        {
            throw StripeError.Invalid($"This flow needs the feature {needed}, which the portal's configuration does not have.", "flow_data[type]");
        }

        var details = new JsonObject { ["subscription"] = id };
        if (type == "subscription_cancel")
        {
            details["retention"] = null;
        }
        else if (type == "subscription_update_confirm")
        {
            details.With(("discounts", null), ("items", about.Values["items"]));
            PlannedItem.ForChange(call, subscription, about.Children("items"), about.PathOf("items"));
        }

        flow[type] = details;
        return flow;
    }

    private static JsonObject Configure(StripeCall call)
    {
        var given = call.Params;
        CheckPlayed(given.Child("features"));
        var made = call.Create("billing_portal.configuration", "bpc_1");
        made.With(("is_default", false), ("updated", call.Now));
        given.Child("business_profile").CopyTo(made.Child("business_profile")!, "headline", "privacy_policy_url", "terms_of_service_url");
        given.CopyTo(made, "default_return_url", "name");
        given.MergeMetadata(made);
        foreach (var (name, standing) in made.Child("features")!)
        {
            // What is not named is off.
            var feature = given.Child("features").Child(name);
            standing!["enabled"] = feature.Flag("enabled") == true;
            feature.CopyTo(standing.AsObject(), "billing_cycle_anchor", "default_allowed_updates", "mode", "products", "proration_behavior", "trial_update_behavior");
            foreach (var product in standing["products"] as JsonArray ?? [])
            {
                product!["adjustable_quantity"] = new JsonObject { ["enabled"] = false, ["maximum"] = null, ["minimum"] = 1L };
            }
        }

        call.Emit("billing_portal.configuration.created", made);
        return made;
    }

    // The portal's page changes prices, cards and ends; nothing else.
    private static void CheckPlayed(Params features)
    {
        var update = features.Child("subscription_update");
        if (features.Child("customer_update").Flag("enabled") == true || features.Child("subscription_cancel").Child("cancellation_reason").Flag("enabled") == true
            || update.Has("schedule_at_period_end") || update.Children("products").Any(product => product.Child("adjustable_quantity").Flag("enabled") == true))
        {
            throw StripeError.NotPlayed("customer updates, reasons for an end, scheduled changes and quantities in the portal");
        }
    }

    private static void CheckUrl(string? url, string param)
    {
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is "javascript" or "data" or "vbscript" or "file"))
        {
            throw StripeError.Invalid("Not a valid URL", param, "url_invalid");
        }
    }
}
