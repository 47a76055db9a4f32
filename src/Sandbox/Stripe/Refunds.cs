using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Refunds of a charge, in full or in parts. One may fail later: then the money is the merchant's again.</summary>
internal static class Refunds
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/refunds", Create, "customer instructions_email origin refund_application_fee reverse_transfer");
        api.Get("/v1/refunds", call => Listing.Of(call, call.World.All("refund")
            .Where(one => call.Params.Text("charge") is not { } charge || one.Text("charge") == charge)
            .Where(one => call.Params.Text("payment_intent") is not { } intent || one.Text("payment_intent") == intent), "/v1/refunds"));
        api.Get("/v1/refunds/{refund}", Addressed);
        api.Post("/v1/refunds/{refund}", Update);
    }

    /// <summary>A charge's refunds, as a list within it.</summary>
    public static JsonObject Of(StripeWorld world, string charge)
    {
        var all = world.All("refund").Where(one => one.Text("charge") == charge).ToList();
        return Listing.Page(all.Take(10), all.Count > 10, $"/v1/charges/{charge}/refunds");
    }

    /// <summary>Gives back an amount, or all that is left.</summary>
    public static JsonObject Make(StripeCall call, JsonObject charge, long? wanted, Action<JsonObject>? fill = null)
    {
        var left = charge.Long("amount_captured") - RefundedOfCaptured(charge);
        if (charge.Text("status") != "succeeded" || !charge.Flag("captured"))
        {
            throw StripeError.Invalid($"Charge {charge.Id()} has not been captured; there is nothing to refund.", "charge", "charge_not_refundable");
        }

        if (charge.Flag("disputed") && !Disputes.LeavesRefundable(call.World, charge))
        {
            throw StripeError.Invalid($"Charge {charge.Id()} has been charged back; cannot issue a refund.", "charge", "charge_disputed");
        }

        if (left == 0)
        {
            throw StripeError.Invalid($"Charge {charge.Id()} has already been refunded.", "charge", "charge_already_refunded");
        }

        var amount = wanted ?? left;
        var currency = charge.Text("currency")!;
        if (amount < 1)
        {
            throw StripeError.Invalid("Invalid positive integer", "amount", "parameter_invalid_integer");
        }

        if (amount > left)
        {
            throw StripeError.Invalid(
                $"Refund amount ({Currencies.Text(amount, currency)}) is greater than unrefunded amount on charge ({Currencies.Text(left, currency)})", "amount", "amount_too_large");
        }

        var refund = call.Create("refund", charge.Text("payment_method_details", "type") == "card" ? "re_3" : "pyr_1");
        refund.With(
            ("amount", amount), ("currency", currency), ("charge", charge.Id()), ("payment_intent", charge.Text("payment_intent")),
            ("balance_transaction", BalanceTransactions.Record(call, "refund", -amount, 0, currency, refund.Id(), "REFUND FOR CHARGE").Id()));
        fill?.Invoke(refund);
        call.Emit("refund.created", refund);

        var before = charge.Copy();
        charge["amount_refunded"] = charge.Long("amount_refunded") + amount;
        charge["refunded"] = amount == left;
        call.Emit("charge.refunded", charge, Node.Difference(before, charge));
        call.Change(refund, "refund.updated", () => refund["destination_details"]!["card"]!.AsObject().With(
            ("reference", Core.Ids.Digits(16)), ("reference_status", "available")));
        return refund;
    }

    /// <summary>The bank sends the money back to the merchant.</summary>
    public static JsonObject Fail(StripeCall call, JsonObject refund)
    {
        if (refund.Text("status") is not ("succeeded" or "pending"))
        {
            throw StripeError.Invalid($"Refund {refund.Id()} has the status {refund.Text("status")} and cannot fail any more.", "refund");
        }

        var charge = call.World.Find("charge", refund.Text("charge"))!;
        var amount = refund.Long("amount");
        var before = refund.Copy();
        refund.With(("status", "failed"), ("failure_reason", "lost_or_stolen_card"),
            ("failure_balance_transaction", BalanceTransactions.Record(
                call, "refund_failure", amount, 0, refund.Text("currency")!, refund.Id(), "REFUND FAILURE").Id()));
        charge.With(("amount_refunded", charge.Long("amount_refunded") - amount), ("refunded", false));
        var changed = Node.Difference(before, refund);
        call.Emit("refund.updated", refund, changed.Copy());
        call.Emit("refund.failed", refund);
        call.Emit("charge.refund.updated", refund, changed);
        return refund;
    }

    /// <summary>The charge that <c>charge</c> or <c>payment_intent</c> names.</summary>
    public static JsonObject Target(StripeCall call)
    {
        var given = call.Params;
        if (given.Has("charge") == given.Has("payment_intent"))
        {
            throw StripeError.Invalid(
                given.Has("charge") ? "You may only specify one of these parameters: charge, payment_intent."
                : "One of the following params should be provided for this request: payment_intent or charge.", "charge", given.Has("charge") ? null : "parameter_missing");
        }

        if (call.Named("charge", "charge") is { } charge)
        {
            return charge;
        }

        var intent = call.Named("payment_intent", "payment_intent")!;
        return call.World.Find("charge", intent.Text("latest_charge")) is { } latest && latest.Text("status") == "succeeded"
            ? latest
            : throw StripeError.Invalid($"This PaymentIntent ({intent.Id()}) does not have a successful charge to refund.", "payment_intent", "payment_intent_unexpected_state");
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("refund", "refund");

    private static JsonObject Create(StripeCall call)
    {
        var charge = Target(call);
        return Make(call, charge, call.Params.Long("amount"), refund =>
        {
            call.Params.CopyTo(refund, "reason");
            call.Params.MergeMetadata(refund);
        });
    }

    private static JsonObject Update(StripeCall call)
    {
        var refund = Addressed(call);
        call.Change(refund, "refund.updated", () => call.Params.MergeMetadata(refund));
        return refund;
    }

    // What a partial capture freed counts as refunded too, but never was taken.
    private static long RefundedOfCaptured(JsonObject charge) =>
        charge.Long("amount_refunded") - (charge.Long("amount") - charge.Long("amount_captured"));
}
