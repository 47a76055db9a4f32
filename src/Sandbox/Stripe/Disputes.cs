using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Disputes: opened by a disputing card or by the control room, closed by the control room. An inquiry moves no money.</summary>
internal static class Disputes
{
    private const long DisputeFee = 1500;

    public static void Map(StripeApi api)
    {
        api.Get("/v1/disputes", call => Listing.Of(call, call.World.All("dispute")
            .Where(one => call.Params.Text("charge") is not { } charge || one.Text("charge") == charge)
            .Where(one => call.Params.Text("payment_intent") is not { } intent || one.Text("payment_intent") == intent), "/v1/disputes"));
        api.Get("/v1/disputes/{dispute}", call => call.Addressed("dispute", "dispute"));
    }

    /// <summary>An inquiry leaves the charge refundable; a chargeback does not, until it is won.</summary>
    public static bool LeavesRefundable(StripeWorld world, JsonObject charge) =>
        world.All("dispute").Where(one => one.Text("charge") == charge.Id()).All(one => one.Text("status") is "won" || one.Text("status")!.StartsWith("warning", StringComparison.Ordinal));

    public static JsonObject Open(StripeCall call, JsonObject charge, string reason, bool inquiry)
    {
        if (charge.Text("status") != "succeeded" || charge.Flag("disputed"))
        {
            throw StripeError.Invalid($"Charge {charge.Id()} cannot be disputed: it is {(charge.Flag("disputed") ? "disputed already" : charge.Text("status"))}.", "charge");
        }

        var dispute = call.Create("dispute", "du_1");
        dispute.With(
            ("amount", charge.Long("amount_captured")), ("charge", charge.Id()), ("currency", charge.Text("currency")), ("is_charge_refundable", inquiry),
            ("payment_intent", charge.Text("payment_intent")), ("reason", reason), ("status", inquiry ? "warning_needs_response" : "needs_response"));
        dispute.Child("evidence_details")!["due_by"] = call.Now + 9 * 86400;
        var card = dispute.Child("payment_method_details")!.Child("card")!;
        card.With(("brand", charge.Child("payment_method_details")!.Text("card", "brand")), ("case_type", inquiry ? "inquiry" : "chargeback"));
        charge["disputed"] = true;
        if (!inquiry)
        {
            Move(call, dispute, -dispute.Long("amount"), DisputeFee);
        }

        call.Emit("charge.dispute.created", dispute);
        if (!inquiry)
        {
            call.Emit("charge.dispute.funds_withdrawn", dispute);
        }

        return dispute;
    }

    public static JsonObject Close(StripeCall call, JsonObject dispute, bool won)
    {
        var status = dispute.Text("status")!;
        if (status is "won" or "lost" or "warning_closed")
        {
            throw StripeError.Invalid($"Dispute {dispute.Id()} is closed already; its status is {status}.", "dispute");
        }

        var inquiry = status.StartsWith("warning", StringComparison.Ordinal);
        var before = dispute.Copy();
        dispute["status"] = inquiry ? "warning_closed" : won ? "won" : "lost";
        if (won && !inquiry)
        {
            Move(call, dispute, dispute.Long("amount"), 0);
        }

        call.Emit("charge.dispute.closed", dispute, Node.Difference(before, dispute));
        if (won && !inquiry)
        {
            call.Emit("charge.dispute.funds_reinstated", dispute);
        }

        return dispute;
    }

    private static void Move(StripeCall call, JsonObject dispute, long amount, long fee) =>
        dispute["balance_transactions"]!.AsArray().Add(BalanceTransactions.Record(
            call, "adjustment", amount, fee, dispute.Text("currency")!, dispute.Id(), $"Chargeback {(amount < 0 ? "withdrawal" : "reversal")} for {dispute.Text("charge")}").Copy());
}
