using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>Stripe's page of the sandbox, <c>/stripe/</c>: what happened, and a button for every control call.</summary>
internal static class StripeHome
{
    private const string Room = "/_sandbox/stripe";
    private const int Shown = 12;

    public static void Map(IEndpointRouteBuilder app, StripeWorld world) => app.MapGet("/stripe/", (HttpContext context, WebhookSender sender) =>
    {
        lock (world.Gate)
        {
            var call = StripeCall.Begin(world, context.Origin());
            return Page.Show("Stripe", Html.Of($"""
                <h1>Stripe</h1>{Keys(call)}{Sessions(call)}{Payments(call)}{Disputes(call)}{Refunds(call)}{Events(call)}{Webhooks(sender, world)}{Cards()}
                """));
        }
    });

    private static Html Keys(StripeCall call) => Html.Of($"""
        <section><h2>Address and keys</h2><p>API <code>{call.Origin}/stripe</code>, any key <code>sk_test_…</code>, webhook secret <code>{call.World.Options.StripeWebhookSecret}</code></p>
        <p>Events go to {Stripe.Events.Addresses(call.World.Options).Select(url => Html.Of($"<code>{url}</code> "))}and to every webhook endpoint that asked for them.</p></section>
        """);

    private static Html Sessions(StripeCall call) => Html.Of($"""
        <section><h2>Checkout sessions</h2>{Page.Table(["When", "Session", "Amount", "Status", ""], call.World.All("checkout.session").Take(Shown).Select(session => Row(
            When(session), Id(session.Id()), Amount(session, "amount_total"), Html.Of($"{session.Text("status")}, {session.Text("payment_status")}"),
            SessionButtons(call, session))))}</section>
        """);

    private static Html SessionButtons(StripeCall call, JsonObject session)
    {
        var url = $"{Room}/checkout/{session.Id()}";
        var intent = CheckoutPayment.Intent(call, session)?.Text("status");
        return session.Text("status") switch
        {
            "open" when CheckoutPayment.Waits(call, session) => Html.Of($"""{Post("Confirm", url, new { confirm = true })}{Post("Refuse", url, new { confirm = false })}"""),
            "open" => Html.Of($"""
                <a href="{session.Text("url")}">Open</a> {Post("Pay", url, new { card = "4242424242424242" })}{Post("Decline", url, new { card = "4000000000000002" })}
                {Post("Bank debit", url, new { card = CheckoutPayment.BankDebit })}{Post("Expire", url + "/expire")}
                """),
            "complete" when intent == "processing" => Outcomes(url + "/async", "Debit succeeds", "Debit fails"),
            _ => Html.Empty,
        };
    }

    private static Html Payments(StripeCall call) => Html.Of($"""
        <section><h2>Payments</h2>{Page.Table(["When", "Payment intent", "Amount", "Status", ""], call.World.All("payment_intent").Take(Shown).Select(intent => Row(
            When(intent), Id(intent.Id()), Amount(intent, "amount"), Html.Of($"{intent.Text("status")}"), PaymentButtons(call, intent))))}</section>
        """);

    private static Html PaymentButtons(StripeCall call, JsonObject intent)
    {
        var url = $"{Room}/payment_intents/{intent.Id()}";
        var ofSession = call.World.SessionOfIntent.ContainsKey(intent.Id());
        return intent.Text("status") switch
        {
            "succeeded" => Html.Of($"""
                {Post("Refund", Room + "/refunds", new { payment_intent = intent.Id() })}{Post("Dispute", Room + "/disputes", new { payment_intent = intent.Id() })}
                """),
            "requires_action" when !ofSession => Outcomes(url + "/authenticate", "Confirm", "Refuse"),
            "processing" when !ofSession => Outcomes(url + "/async", "Debit succeeds", "Debit fails"),
            _ => Html.Empty,
        };
    }

    private static Html Disputes(StripeCall call) => Html.Of($"""
        <section><h2>Disputes</h2>{Page.Table(["When", "Dispute", "Amount", "Status", ""], call.World.All("dispute").Take(Shown).Select(dispute => Row(
            When(dispute), Id(dispute.Id()), Amount(dispute, "amount"), Html.Of($"{dispute.Text("status")}"),
            dispute.Text("status") is "won" or "lost" or "warning_closed" ? Html.Empty : Html.Of($"""
                {Post("Won", $"{Room}/disputes/{dispute.Id()}/close", new { outcome = "won" })}{Post("Lost", $"{Room}/disputes/{dispute.Id()}/close", new { outcome = "lost" })}
                """))))}</section>
        """);

    private static Html Refunds(StripeCall call) => Html.Of($"""
        <section><h2>Refunds</h2>{Page.Table(["When", "Refund", "Amount", "Status", ""], call.World.All("refund").Take(Shown).Select(refund => Row(
            When(refund), Id(refund.Id()), Amount(refund, "amount"), Html.Of($"{refund.Text("status")}"),
            refund.Text("status") == "succeeded" ? Post("Fails late", $"{Room}/refunds/{refund.Id()}/fail") : Html.Empty)))}</section>
        """);

    private static Html Events(StripeCall call) => Html.Of($"""
        <section><h2>Events</h2>{Page.Table(["Event", "Object", "Deliveries", ""], StripeControl.Events(call, null, 25).Select(one => Row(
            Html.Of($"{one.Type}<br><code>{one.Id}</code>"), Id(one.ObjectId ?? ""),
            Html.Of($"{one.Deliveries.Select(delivery => Html.Of($"{delivery.State} {Statuses(delivery)}<br>"))}"),
            Post("Send again", $"{Room}/events/{one.Id}/resend"))))}</section>
        """);

    private static Html Webhooks(WebhookSender sender, StripeWorld world) => Html.Of($"""
        <section><h2>How the next events travel</h2><p class="soft">Now: <code>{Json.Text(sender.Modes("stripe"))} {Json.Text(world.Events.Disguise)}</code></p>
        <form class="row" data-json="POST" action="{Room}/webhooks"><label>extra copies<input name="duplicate" type="number" min="0" max="100"></label>
        <label>delay, ms<input name="delay_ms" type="number" min="0"></label><label>API version<input name="api_version"></label>
        <label><input name="reorder" type="checkbox"> newest first</label><label><input name="hold" type="checkbox"> hold back</label>
        <label><input name="wrong_signature" type="checkbox"> wrong signature</label><label><input name="old_timestamp" type="checkbox"> old timestamp</label><button>Set</button></form></section>
        """);

    private static Html Cards() => Html.Of($"""
        <section><h2>Test cards</h2>{Page.Table(["Number", "Name", "What happens"], TestCard.List.Select(card => Row(
            Html.Of($"<code>{card.Number}</code>"), Html.Of($"<code>pm_card_{card.Name}</code>"), Html.Of($"{card.Describe()}"))))}</section>
        """);

    private static string Statuses(StripeControl.DeliveryView delivery) =>
        string.Join(" ", delivery.Attempts.Select(attempt => attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? "–"));

    private static Html Outcomes(string url, string yes, string no) =>
        Html.Of($"""{Post(yes, url, new { outcome = "succeeded" })}{Post(no, url, new { outcome = "failed" })}""");

    private static Html Id(string id) => Html.Of($"""<code title="{id}">{(id.Length > 32 ? id[..24] + "…" + id[^4..] : id)}</code>""");

    private static Html Post(string label, string url, object? body = null) => Page.Button(label, "POST", url, body);

    private static Html[] Row(params Html[] cells) => cells;

    private static Html When(JsonObject one) =>
        Html.Of($"""<span class="soft">{DateTimeOffset.FromUnixTimeSeconds(one.Long("created")).UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}</span>""");

    private static Html Amount(JsonObject one, string field) => Html.Of($"{Currencies.Text(one.Long(field), one.Text("currency")!)}");
}
