using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>The hosted payment page: <c>/stripe/c/pay/{session}</c>, the session's own <c>url</c>.</summary>
internal static class CheckoutPage
{
    private static readonly Html Methods = new("""
        <label>Pay with<select name="method"><option value="card">Card</option><option value="bank_debit">Bank debit (takes days)</option></select></label>
        """);

    private static readonly Html Code = new("""<label>Promotion code<input name="promotion_code" autocomplete="off"></label>""");

    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapGet("/stripe/c/pay/{session}", (HttpContext context, string session) =>
        {
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                if (Find(call, session) is not { } found)
                {
                    return NotFound();
                }

                CheckoutPayment.ExpireIfDue(call, found);
                return Show(call, found, null);
            }
        });
        app.MapPost("/stripe/c/pay/{session}", async (HttpContext context, string session) =>
        {
            if (!context.Request.HasFormContentType)
            {
                return Page.Show("Not understood", Html.Of($"<section><h1>This page takes its own form only.</h1></section>"), 415, narrow: true);
            }

            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                return Find(call, session) is { } found ? Pay(context, call, found, form) : NotFound();
            }
        });
    }

    private static JsonObject? Find(StripeCall call, string session) => call.World.Find("checkout.session", session);

    private static IResult NotFound() =>
        Page.Show("Not found", Html.Of($"<section><h1>There is no such payment.</h1><p>The link is wrong, or the sandbox was reset since.</p></section>"), 404, narrow: true);

    private static IResult Pay(HttpContext context, StripeCall call, JsonObject session, IFormCollection form)
    {
        var answer = form["answer"].ToString();
        var expiry = form["expiry"].ToString().Split('/', StringSplitOptions.TrimEntries);
        var refusal = CheckoutPayment.Pay(call, session, answer.Length > 0 ? new BuyerInput { Confirm = answer == "yes" } : new BuyerInput
        {
            Card = Text(form, "card"),
            Method = Text(form, "method"),
            Email = Text(form, "email"),
            Name = Text(form, "name"),
            PromotionCode = Text(form, "promotion_code"),
            ExpMonth = expiry.Length == 2 ? Number(expiry[0]) : null,
            ExpYear = expiry.Length == 2 ? Number(expiry[1]) : null,
        });
        if (refusal is not null)
        {
            return Show(call, session, refusal);
        }

        if (CheckoutPayment.RedirectUrl(session) is not { } target)
        {
            return SeeOther(context, context.Request.Path.Value!);
        }

        return target.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || target.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            ? SeeOther(context, target)
            : ToApp(context, session, target);
    }

    private static IResult SeeOther(HttpContext context, string target)
    {
        context.Response.Headers.Location = target;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    // A browser asks before it opens an app, and some never do: the page stays behind with a link.
    private static IResult ToApp(HttpContext context, JsonObject session, string target)
    {
        context.Response.Headers["Refresh"] = "0; url=" + target;
        return Page.Show("Payment complete", Html.Of($"""
            <section><h1 class="good">Payment complete — return to the app</h1><p>{Amount(session)} were paid.</p>
            <p><a href="{target}">Open the app</a></p></section>
            """), narrow: true);
    }

    private static IResult Show(StripeCall call, JsonObject session, PayRefusal? refusal)
    {
        switch (session.Text("status"))
        {
            case "complete":
                return Page.Show("Paid", Html.Of($"""
                    <section><h1>{(session.Text("payment_status") == "unpaid" ? "Your bank debit is on its way" : "This has been paid already")}</h1>
                    {Message(refusal)}<p>{Amount(session)} · nothing more is due here.</p><p><a href="{CheckoutPayment.RedirectUrl(session)}">Back to the shop</a></p></section>
                    """), refusal is null ? 200 : 409, narrow: true);
            case "expired":
                return Page.Show("Expired", Html.Of($"""
                    <section><h1>This payment page has expired</h1>{Message(refusal)}<p>You were not charged. Start again in the shop.</p>{Cancel(session)}</section>
                    """), refusal is null ? 410 : 409, narrow: true);
        }

        var waits = CheckoutPayment.Waits(call, session);
        var body = waits
            ? Html.Of($"<section>{AuthenticationPage.Question("the payment of " + Amount(session))}</section>")
            : Form(session, refusal);
        return Page.Show("Pay", Html.Of($"{Summary(call, session)}{body}"), refusal is null ? 200 : 402, narrow: true);
    }

    private static Html Summary(StripeCall call, JsonObject session) => Html.Of($"""
        <section><p class="big">{Amount(session)}</p>{call.World.LineItems[session.Id()].Select(item => Line(call, item!.AsObject()))}</section>
        """);

    private static Html Line(StripeCall call, JsonObject item)
    {
        var description = call.World.Find(item.Child("price")!.Text("product"))?.Text("description");
        var quantity = item.Long("quantity");
        return Html.Of($"""
            <p><strong>{item.Text("description")}</strong>{(quantity > 1 ? Html.Of($" × {quantity}") : Html.Empty)}
            · {Currencies.Text(item.Long("amount_total"), item.Text("currency")!)}<br><span class="soft">{description}</span></p>
            """);
    }

    private static Html Form(JsonObject session, PayRefusal? refusal)
    {
        var email = session.Text("customer_details", "email");
        var debit = session["payment_method_types"]!.AsArray().Any(type => (string)type! == PaymentMethods.BankDebit);
        return Html.Of($"""
            <section><form method="post">{Message(refusal)}
            <label>E-mail<input name="email" type="email" autocomplete="email" value="{email ?? "customer@example.com"}"{(email is null ? Html.Empty : new Html(" readonly"))} required></label>
            {(debit ? Methods : Html.Empty)}
            <label>Card number<input name="card" inputmode="numeric" autocomplete="cc-number" value="4242 4242 4242 4242" required></label>
            <div class="row"><label>Expires<input name="expiry" autocomplete="cc-exp" value="12 / 34" required></label>
            <label>Security code<input name="cvc" inputmode="numeric" autocomplete="cc-csc" value="123" required></label></div>
            <label>Name on card<input name="name" autocomplete="cc-name" value="Jenny Rosen"></label>
            {(session.Flag("allow_promotion_codes") ? Code : Html.Empty)}
            <p><button class="go">{(session.Text("mode") == "subscription" ? "Subscribe" : "Pay")} {Amount(session)}</button></p></form>{Cancel(session)}
            <details class="soft"><summary>Test cards</summary><p>4242 4242 4242 4242 pays<br>4000 0000 0000 0002 is declined<br>4000 0000 0000 9995 has no money
            <br>4000 0025 0000 3155 asks you to confirm<br>4000 0000 0000 0259 is disputed afterwards</p></details></section>
            """);
    }

    private static Html Message(PayRefusal? refusal) => refusal is null ? Html.Empty : Html.Of($"""<p class="bad" role="alert">{refusal.Message}</p>""");

    private static Html Cancel(JsonObject session) =>
        session.Text("cancel_url") is { } url ? Html.Of($"""<p><a href="{url}">Cancel and go back</a></p>""") : Html.Empty;

    private static string Amount(JsonObject session) => Currencies.Text(session.Long("amount_total"), session.Text("currency")!);

    private static string? Text(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
