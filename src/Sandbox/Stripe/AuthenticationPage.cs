using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>The bank's question about an intent that was confirmed through the API: <c>/stripe/3ds/{intent}</c>.</summary>
internal static class AuthenticationPage
{
    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapGet("/stripe/3ds/{intent}", (HttpContext context, string intent) =>
        {
            lock (world.Gate)
            {
                return Show(Find(world, intent));
            }
        });
        app.MapPost("/stripe/3ds/{intent}", async (HttpContext context, string intent) =>
        {
            var confirmed = context.Request.HasFormContentType && (await context.Request.ReadFormAsync(context.RequestAborted))["answer"] == "yes";
            lock (world.Gate)
            {
                return Answer(StripeCall.Begin(world, context.Origin()), Find(world, intent), confirmed);
            }
        });
    }

    /// <summary>What the customer has to do: follow a link, or let Stripe's script open it.</summary>
    public static JsonObject NextAction(StripeCall call, string intent, string? returnUrl)
    {
        var url = $"{call.Origin}/stripe/3ds/{intent}";
        return returnUrl is not null
            ? new JsonObject { ["type"] = "redirect_to_url", ["redirect_to_url"] = new JsonObject { ["return_url"] = returnUrl, ["url"] = url } }
            : new JsonObject { ["type"] = "use_stripe_sdk", ["use_stripe_sdk"] = new JsonObject { ["type"] = "three_d_secure_redirect", ["stripe_js"] = url } };
    }

    /// <summary>Passes the customer's answer on, to a payment intent or a setup intent.</summary>
    public static CardFailure? Pass(StripeCall call, JsonObject intent, bool confirmed)
    {
        if (intent.Text("object") == "setup_intent")
        {
            return SetupIntents.Answer(call, intent, confirmed);
        }

        var failure = Payments.Answer(call, intent, confirmed);
        Payments.Aftermath(call, intent);
        return failure;
    }

    /// <summary>The two buttons.</summary>
    public static Html Question(string what) => Html.Of($"""
        <h1>Your bank asks</h1><p>Do you confirm {what}?</p>
        <form method="post"><button class="go" name="answer" value="yes">Confirm</button> <button name="answer" value="no">Refuse</button></form>
        """);

    private static JsonObject? Find(StripeWorld world, string id) => world.Find("payment_intent", id) ?? world.Find("setup_intent", id);

    private static IResult Show(JsonObject? intent) =>
        intent is null ? Page.Show("Not found", Html.Of($"<section><h1>There is no such payment.</h1></section>"), 404, narrow: true)
        : intent.Text("status") != "requires_action" ? Page.Show("Nothing to confirm", Html.Of($"""
            <section><h1>Nothing to confirm</h1><p>This payment is {intent.Text("status")}. You can close this page.</p></section>
            """), narrow: true)
        : Page.Show("Confirm", Html.Of($"""
            <section>{Question(intent.ContainsKey("amount") ? "the payment of " + Currencies.Text(intent.Long("amount"), intent.Text("currency")!) : "that your card is saved")}</section>
            """), narrow: true);

    private static IResult Answer(StripeCall call, JsonObject? intent, bool confirmed)
    {
        if (intent is null || intent.Text("status") != "requires_action")
        {
            return Show(intent);
        }

        var returnUrl = intent.Child("next_action")?.Text("redirect_to_url", "return_url");
        var failure = Pass(call, intent, confirmed);
        if (returnUrl is null)
        {
            return Show(intent);
        }

        var kind = intent.Text("object")!;
        return Results.Redirect(QueryHelpers.AddQueryString(returnUrl, new Dictionary<string, string?>
        {
            [kind] = intent.Id(),
            [kind + "_client_secret"] = intent.Text("client_secret"),
            ["redirect_status"] = failure is null ? "succeeded" : "failed",
        }));
    }
}
