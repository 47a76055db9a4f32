using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>The customer portal, <c>/stripe/p/session/{secret}</c>: subscriptions, cards and invoices, with a button for what may be done.</summary>
internal static class PortalPage
{
    private const int Shown = 12;

    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapGet("/stripe/p/session/{secret}", (HttpContext context, string secret) =>
        {
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                return Show(call, Portal.BySecret(call, secret), null);
            }
        });
        app.MapPost("/stripe/p/session/{secret}", async (HttpContext context, string secret) =>
        {
            var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                if (Portal.BySecret(call, secret) is not { } session)
                {
                    return Show(call, null, null);
                }

                try
                {
                    Act(call, session, form);
                    return Leave(context, session);
                }
                catch (StripeError refusal)
                {
                    return Show(call, session, refusal.Message);
                }
            }
        });
    }

    private static void Act(StripeCall call, JsonObject session, IFormCollection form)
    {
        var action = form["action"].ToString();
        if (action == "card")
        {
            ChangeCard(call, session, form["card"].ToString());
            return;
        }

        var subscription = call.World.Find("subscription", form["subscription"].ToString()) is { } found && found.Text("customer") == session.Text("customer")
            ? found
            : throw StripeError.Missing("subscription", form["subscription"].ToString(), "subscription");
        var features = Portal.Configuration(call, session).Child("features")!;
        switch (action)
        {
            case "cancel" when features.Child("subscription_cancel")!.Flag("enabled"):
                Cancel(call, subscription, features.Child("subscription_cancel")!);
                break;
            case "resume":
                SubscriptionChanges.Update(call, subscription, new Params(new JsonObject { ["cancel_at_period_end"] = false }));
                break;
            case "change" when features.Child("subscription_update")!.Flag("enabled"):
                Change(call, subscription, form["price"].ToString(), features.Child("subscription_update")!);
                break;
            default:
                throw StripeError.Invalid("The portal's configuration does not have this.", "action");
        }
    }

    private static void Cancel(StripeCall call, JsonObject subscription, JsonObject feature)
    {
        if (feature.Text("mode") != "immediately")
        {
            SubscriptionChanges.Update(call, subscription, new Params(new JsonObject { ["cancel_at_period_end"] = true }));
            return;
        }

        var prorates = feature.Text("proration_behavior") is { } behavior && behavior != "none";
        Billing.Subscriptions.End(call, subscription, prorates, invoices: feature.Text("proration_behavior") == "always_invoice");
    }

    private static void Change(StripeCall call, JsonObject subscription, string price, JsonObject feature)
    {
        var change = new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject { ["id"] = subscription.List("items")[0].Id(), ["price"] = price }),
            ["proration_behavior"] = feature.Text("proration_behavior"),
        };
        if (feature.Text("billing_cycle_anchor") == "now")
        {
            change["billing_cycle_anchor"] = "now";
        }

        if (subscription.Text("status") == "trialing" && feature.Text("trial_update_behavior") == "end_trial")
        {
            change["trial_end"] = "now";
        }

        SubscriptionChanges.Update(call, subscription, new Params(change));
    }

    // The customer is there and answers their bank; the card is the one for everything from now on.
    private static void ChangeCard(StripeCall call, JsonObject session, string number)
    {
        var customer = call.World.Find("customer", session.Text("customer"))!;
        var method = PaymentMethods.Make(call, TestCard.ByName(number) ?? PaymentMethods.CardOf(number));
        PaymentMethods.AttachTo(call, method, customer);
        call.World.Billing.SetUp.Add(method.Id());
        call.Change(customer, "customer.updated", () => customer.Child("invoice_settings")!["default_payment_method"] = method.Id());
        foreach (var subscription in Subscriptions(call, session).Where(one => one.Text("default_payment_method") is not null).ToList())
        {
            call.Change(subscription, "customer.subscription.updated", () => subscription["default_payment_method"] = method.Id());
        }
    }

    private static IResult Leave(HttpContext context, JsonObject session)
    {
        var after = session.Child("flow")?.Child("after_completion");
        context.Response.Headers.Location = after?.Text("redirect", "return_url") ?? context.Request.Path.Value!;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static IEnumerable<JsonObject> Subscriptions(StripeCall call, JsonObject session) =>
        call.World.All("subscription").Where(one => one.Text("customer") == session.Text("customer") && !SubscriptionStatus.IsOver(one));

    private static IResult Show(StripeCall call, JsonObject? session, string? trouble)
    {
        if (session is null || call.World.Find("customer", session.Text("customer")) is not { } customer)
        {
            return Page.Show("Not found", Html.Of($"<section><h1>There is no such session.</h1></section>"), 404, narrow: true);
        }

        var flow = session.Child("flow");
        var features = Portal.Configuration(call, session).Child("features")!;
        var message = trouble is null ? Html.Empty : Html.Of($"""<p class="bad" role="alert">{trouble}</p>""");
        var back = session.Text("return_url") is { } url ? Html.Of($"""<p><a href="{url}">Return to the shop</a></p>""") : Html.Empty;
        var only = flow?.Text("type") is { } type && type != "payment_method_update" ? flow.Text(type, "subscription") : null;
        var subscriptions = Subscriptions(call, session).Where(one => only is null || one.Id() == only).Select(one => Subscription(call, one, features, flow));
        return Page.Show("Your billing", Html.Of($"""
            <section><h1>Your billing</h1>{message}<p class="soft">{customer.Text("email")}</p>{back}</section>
            {(flow?.Text("type") == "payment_method_update" ? [] : subscriptions)}
            {(flow is null || flow.Text("type") == "payment_method_update" ? Cards(call, customer, features) : Html.Empty)}
            {(flow is null ? Invoices(call, customer) : Html.Empty)}
            """), trouble is null ? 200 : 402, narrow: true);
    }

    private static Html Subscription(StripeCall call, JsonObject subscription, JsonObject features, JsonObject? flow)
    {
        var item = subscription.List("items")[0];
        var ends = subscription.LongOrNull("cancel_at");
        var type = flow?.Text("type");
        var cancels = ends is null && type is null or "subscription_cancel" && features.Child("subscription_cancel")!.Flag("enabled");
        var changes = type is not "subscription_cancel" && features.Child("subscription_update")!.Flag("enabled");
        return Html.Of($"""
            <section><h2>{InvoiceLines.ProductName(call, item.Child("price")!)}</h2><p>{Prices.Words(item.Child("price")!)} · {subscription.Text("status")}</p>
            <p>{(ends is { } at ? "Ends on " + Day(at) : "Renews on " + Day(SubscriptionStatus.Period(subscription).End))}</p>
            {(changes ? Change(call, subscription, item, features, flow) : Html.Empty)}
            {(cancels ? Button("cancel", "Cancel the subscription", subscription) : Html.Empty)}
            {(ends is not null && type is null ? Button("resume", "Do not cancel", subscription) : Html.Empty)}</section>
            """);
    }

    private static Html Change(StripeCall call, JsonObject subscription, JsonObject item, JsonObject features, JsonObject? flow)
    {
        var wanted = flow?.Child("subscription_update_confirm")?["items"]?[0]?["price"]?.GetValue<string>();
        var choices = wanted is not null ? [wanted] : Choices(call, item.Child("price")!, features.Child("subscription_update")!);
        return choices.Count == 0 ? Html.Empty : Html.Of($"""
            <form method="post"><input type="hidden" name="action" value="change"><input type="hidden" name="subscription" value="{subscription.Id()}">
            <label>Plan<select name="price">{choices.Select(id => call.World.Find("price", id)!).Select(price => Html.Of($"""
                <option value="{price.Id()}">{InvoiceLines.ProductName(call, price)}, {Prices.Words(price)}</option>
                """))}</select></label><p><button class="go">Change plan</button></p></form>
            """);
    }

    // The configuration's prices; without any, all that are for sale by quantity in the same currency.
    private static List<string> Choices(StripeCall call, JsonObject now, JsonObject feature)
    {
        IEnumerable<string> offered = feature["products"] is JsonArray products
            ? products.SelectMany(product => product!.AsObject().Texts("prices"))
            : call.World.All("price").Where(one => one.Flag("active") && one.Child("recurring") is not null && !Prices.IsMetered(one) && one.Text("currency") == now.Text("currency"))
                .Select(one => one.Id());
        return [.. offered.Where(id => id != now.Id() && call.World.Find("price", id) is not null)];
    }

    private static Html Cards(StripeCall call, JsonObject customer, JsonObject features)
    {
        var used = customer.Text("invoice_settings", "default_payment_method");
        var cards = call.World.All("payment_method").Where(one => one.Text("customer") == customer.Id() && one.Child("card") is not null).Select(one => Html.Of($"""
            <p>{one.Text("card", "brand")} ···· {one.Text("card", "last4")}{(one.Id() == used ? " (used for payments)" : "")}</p>
            """));
        return Html.Of($"""
            <section><h2>Cards</h2>{cards}{(features.Child("payment_method_update")!.Flag("enabled") ? CardForm : Html.Empty)}</section>
            """);
    }

    private static readonly Html CardForm = new("""
        <form method="post"><input type="hidden" name="action" value="card">
        <label>Card number<input name="card" inputmode="numeric" autocomplete="cc-number" value="4242 4242 4242 4242" required></label>
        <p><button>Use this card</button></p></form>
        """);

    private static Html Invoices(StripeCall call, JsonObject customer) => Html.Of($"""
        <section><h2>Invoices</h2>{call.World.All("invoice").Where(one => one.Text("customer") == customer.Id() && one.Text("number") is not null).Take(Shown).Select(one => Html.Of($"""
            <p><a href="{one.Text("hosted_invoice_url")}">{one.Text("number")}</a> {Day(one.Long("created"))} · {Currencies.Text(one.Long("total"), one.Text("currency")!)} · {one.Text("status")}</p>
            """))}</section>
        """);

    private static Html Button(string action, string label, JsonObject subscription) => Html.Of($"""
        <form method="post"><input type="hidden" name="action" value="{action}"><input type="hidden" name="subscription" value="{subscription.Id()}"><p><button>{label}</button></p></form>
        """);

    private static string Day(long at) => DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
