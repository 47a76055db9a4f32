using System.Net;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Money on its way back: refunds in full and in parts, refunds that fail later, disputes won and lost.</summary>
public sealed class StripeRefundsTests
{
    [Fact]
    public async Task PartsAddUpToTheWholeAndNoFurther()
    {
        await using var stripe = await StripeSandbox.Start();
        var intent = await stripe.Paid();
        var part = await stripe.Post("/v1/refunds", ("payment_intent", intent), ("amount", 500), ("reason", "requested_by_customer"), ("metadata[a]", "b"));
        Assert.Equal(("succeeded", 500L, intent, "requested_by_customer"), (part.Text("status"), part.Number("amount"), part.Text("payment_intent"), part.Text("reason")));
        var charge = await stripe.Get($"/v1/charges/{part.Text("charge")}?expand[]=refunds");
        Assert.Equal((500L, false, 1499L), (charge.Number("amount_refunded"), (bool)charge["refunded"]!, charge.Number("amount_captured")));
        Assert.Equal(part.Id, charge.Text("refunds", "data", "0", "id"));

        var tooMuch = await stripe.Post("/v1/refunds", ("payment_intent", intent), ("amount", 1000));
        Assert.Equal((HttpStatusCode.BadRequest, "amount"), (tooMuch.Status, (string)tooMuch.Error["param"]!));
        Assert.Equal(999, (await stripe.Post("/v1/refunds", ("charge", charge.Id))).Number("amount"));
        Assert.True((bool)(await stripe.Get($"/v1/charges/{charge.Id}"))["refunded"]!);
        var none = await stripe.Post("/v1/refunds", ("charge", charge.Id));
        Assert.Equal("charge_already_refunded", (string)none.Error["code"]!);
        Assert.Equal(2, (await stripe.Get($"/v1/refunds?payment_intent={intent}")).Data.Count);
        string[] told = ["refund.created", "charge.refunded", "refund.updated"];
        var events = await stripe.EventTypes();
        Assert.Equal([.. told, .. told], events[^6..]);
        var refunded = (await stripe.Get("/v1/events?type=charge.refunded")).Data[^1];
        Assert.Equal(("500", "0"), (refunded["data"]!["object"]!["amount_refunded"]!.ToJsonString(), refunded["data"]!["previous_attributes"]!["amount_refunded"]!.ToJsonString()));
    }

    [Fact]
    public async Task ARefundMayFailLater()
    {
        await using var stripe = await StripeSandbox.Start();
        var intent = await stripe.Paid();
        var made = await stripe.Control("/stripe/refunds", new { payment_intent = intent, amount = 499 });
        var id = (string)made["id"]!;
        await stripe.Control($"/stripe/refunds/{id}/fail");
        var failed = await stripe.Get($"/v1/refunds/{id}?expand[]=failure_balance_transaction&expand[]=charge");
        Assert.Equal(("failed", "lost_or_stolen_card", 499L), (failed.Text("status"), failed.Text("failure_reason"), failed.Number("failure_balance_transaction", "amount")));
        Assert.Equal((0L, false), (failed.Number("charge", "amount_refunded"), (bool)failed.At("charge", "refunded")!));
        var events = await stripe.EventTypes();
        Assert.Equal(["refund.updated", "refund.failed", "charge.refund.updated"], events[^3..]);
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl($"/stripe/refunds/{id}/fail")).Status);
        Assert.Equal(1499, (await stripe.Post("/v1/refunds", ("payment_intent", intent))).Number("amount"));
        Assert.Equal("c", (await stripe.Post($"/v1/refunds/{id}", ("metadata[b]", "c"))).Text("metadata", "b"));
    }

    [Fact]
    public async Task OnlyPaidMoneyIsGivenBack()
    {
        await using var stripe = await StripeSandbox.Start();
        var open = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"));
        Assert.Equal("payment_intent_unexpected_state", (string)(await stripe.Post("/v1/refunds", ("payment_intent", open.Id))).Error["code"]!);
        Assert.Equal("resource_missing", (string)(await stripe.Post("/v1/refunds", ("payment_intent", "pi_none"))).Error["code"]!);
        Assert.Equal("parameter_missing", (string)(await stripe.Post("/v1/refunds")).Error["code"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/refunds", ("payment_intent", open.Id), ("charge", "ch_1"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/refunds", ("payment_intent", await stripe.Paid()), ("amount", 0))).Status);
        Assert.Empty((await stripe.Get("/v1/refunds")).Data);
    }

    [Fact]
    public async Task ADisputeThatIsWonGivesTheMoneyBack()
    {
        await using var stripe = await StripeSandbox.Start();
        var intent = await stripe.Paid();
        var opened = await stripe.Control("/stripe/disputes", new { payment_intent = intent });
        var dispute = await stripe.Get($"/v1/disputes/{(string)opened["id"]!}?expand[]=charge");
        Assert.Equal(("needs_response", "fraudulent", 1499L, intent), (dispute.Text("status"), dispute.Text("reason"), dispute.Number("amount"), dispute.Text("payment_intent")));
        Assert.Equal((true, -1499L, 1500L), ((bool)dispute.At("charge", "disputed")!, dispute.Number("balance_transactions", "0", "amount"), dispute.Number("balance_transactions", "0", "fee")));
        Assert.Equal("charge_disputed", (string)(await stripe.Post("/v1/refunds", ("payment_intent", intent))).Error["code"]!);
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl("/stripe/disputes", new { payment_intent = intent })).Status);

        await stripe.Control($"/stripe/disputes/{dispute.Id}/close", new { outcome = "won" });
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl($"/stripe/disputes/{dispute.Id}/close", new { outcome = "lost" })).Status);
        var closed = (await stripe.Get($"/v1/disputes?payment_intent={intent}")).Data.Single();
        Assert.Equal("won", (string)closed["status"]!);
        Assert.Equal(0, closed["balance_transactions"]!.AsArray().Sum(one => (long)one!["amount"]!));
        var events = await stripe.EventTypes();
        Assert.Equal(["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed", "charge.dispute.funds_reinstated"], events[^4..]);
    }

    [Fact]
    public async Task ADisputeThatIsLostKeepsIt()
    {
        await using var stripe = await StripeSandbox.Start();
        var intent = await stripe.Paid("4000000000000259");
        var dispute = (await stripe.Get($"/v1/disputes?payment_intent={intent}")).Data.Single();
        await stripe.Control($"/stripe/disputes/{(string)dispute["id"]!}/close", new { outcome = "lost" });
        var events = await stripe.EventTypes();
        Assert.Equal(["checkout.session.completed", "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"], events[^4..]);
        Assert.Equal("lost", (string)(await stripe.Get("/v1/events?type=charge.dispute.closed")).Data.Single()["data"]!["object"]!["status"]!);
    }

    [Fact]
    public async Task AnInquiryMovesNoMoney()
    {
        await using var stripe = await StripeSandbox.Start();
        var intent = await stripe.Paid();
        var inquiry = await stripe.Control("/stripe/disputes", new { payment_intent = intent, inquiry = true });
        Assert.Equal("warning_needs_response", (string)inquiry["status"]!);
        Assert.Empty(inquiry["balance_transactions"]!.AsArray());
        Assert.Equal(HttpStatusCode.OK, (await stripe.Post("/v1/refunds", ("payment_intent", intent), ("amount", 100))).Status);
        await stripe.Control($"/stripe/disputes/{(string)inquiry["id"]!}/close", new { outcome = "won" });
        var events = await stripe.EventTypes();
        Assert.DoesNotContain("charge.dispute.funds_withdrawn", events);
        Assert.Equal("charge.dispute.closed", events[^1]);
    }
}
