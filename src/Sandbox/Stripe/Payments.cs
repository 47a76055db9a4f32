using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>How one attempt is made.</summary>
internal sealed record Attempt
{
    /// <summary>The customer is away: their bank cannot ask them.</summary>
    public bool OffSession { get; init; }

    /// <summary>Fail rather than wait for the customer.</summary>
    public bool ErrorOnAction { get; init; }

    /// <summary>Where the browser goes after the bank's question.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The customer has answered the bank's question.</summary>
    public bool Authenticated { get; init; }

    /// <summary>A question that nobody is there to answer waits for them, as it does for an invoice, rather than fail.</summary>
    public bool Waits { get; init; }
}

/// <summary>Carries a payment intent through an attempt: charged, declined, waiting for the customer, or waiting for a bank debit.</summary>
internal static class Payments
{
    private static readonly CardFailure DebitReturned =
        new("insufficient_funds", "The customer's bank account has insufficient funds to cover this payment.") { DeclineCode = "insufficient_funds" };

    private static readonly CardFailure Detached =
        new("card_declined", "Your card was declined. The payment method was detached from its customer and may not be used again.") { DeclineCode = "generic_decline" };

    /// <summary>The failure when the attempt failed; nothing when it succeeded or waits, as the intent's status tells.</summary>
    public static CardFailure? Try(StripeCall call, JsonObject intent, JsonObject method, Attempt attempt)
    {
        intent.With(("payment_method", method.Id()), ("last_payment_error", null), ("next_action", null));
        if (PaymentMethods.IsUsedUp(call, method))
        {
            return Fail(call, intent, method, Detached, withCharge: false);
        }

        if (!call.World.Cards.TryGetValue(method.Id(), out var card))
        {
            Begin(call, intent, method);
            return null;
        }

        if (!attempt.Authenticated)
        {
            if (attempt.OffSession && AsksAbsent(call, method, card))
            {
                if (attempt.Waits)
                {
                    Ask(call, intent, attempt.ReturnUrl);
                    return null;
                }

                return Fail(call, intent, method, CardFailure.AuthenticationRequired, withCharge: true);
            }

            if (!attempt.OffSession && card.OnSession)
            {
                if (attempt.ErrorOnAction)
                {
                    return Fail(call, intent, method, CardFailure.ActionRequired, withCharge: false);
                }

                Ask(call, intent, attempt.ReturnUrl);
                return null;
            }
        }

        if (card.Failure is { } failure)
        {
            return Fail(call, intent, method, failure, withCharge: true, attempt.Authenticated);
        }

        Succeed(call, intent, method, attempt.Authenticated);
        return null;
    }

    /// <summary>What an attempt would fail with, or wait for; nothing when it would succeed.</summary>
    public static CardFailure? Foresee(StripeCall call, JsonObject method, bool offSession) =>
        !call.World.Cards.TryGetValue(method.Id(), out var card) ? null
        : offSession && AsksAbsent(call, method, card) ? CardFailure.AuthenticationRequired
        : !offSession && card.OnSession ? CardFailure.ActionRequired
        : card.Failure;

    /// <summary>The customer's answer to the bank's question.</summary>
    public static CardFailure? Answer(StripeCall call, JsonObject intent, bool confirmed)
    {
        if (intent.Text("status") != "requires_action")
        {
            throw StripeError.Invalid($"This PaymentIntent does not wait for the customer; its status is {intent.Text("status")}.", "intent", "payment_intent_unexpected_state");
        }

        var method = call.World.Find("payment_method", intent.Text("payment_method"))!;
        return confirmed
            ? Try(call, intent, method, new Attempt { Authenticated = true })
            : Fail(call, intent, method, CardFailure.AuthenticationFailed("payment_intent_authentication_failure"), withCharge: false);
    }

    /// <summary>The bank's late word on a debit.</summary>
    public static void Settle(StripeCall call, JsonObject intent, bool succeeded)
    {
        if (intent.Text("status") != "processing" || call.World.Find("charge", intent.Text("latest_charge")) is not { } charge)
        {
            throw StripeError.Invalid($"This PaymentIntent is not processing; its status is {intent.Text("status")}.", "intent", "payment_intent_unexpected_state");
        }

        if (succeeded)
        {
            charge.With(("status", "succeeded"), ("paid", true));
            Charges.Capture(call, charge, charge.Long("amount"));
            call.Emit("charge.succeeded", charge);
            intent.With(("status", "succeeded"), ("amount_received", intent.Long("amount")));
            call.Emit("payment_intent.succeeded", intent);
            InvoicePayments.Follow(call, intent);
            return;
        }

        var failure = DebitReturned with { Charge = charge.Id(), PaymentMethod = call.World.Find("payment_method", intent.Text("payment_method")) };
        Charges.Fail(charge, failure);
        call.Emit("charge.failed", charge);
        intent.With(("status", "requires_payment_method"), ("payment_method", null), ("last_payment_error", failure.ToJson()));
        call.Emit("payment_intent.payment_failed", intent);
        InvoicePayments.Follow(call, intent);
    }

    /// <summary>Takes what was only reserved.</summary>
    public static void Capture(StripeCall call, JsonObject intent, long amount)
    {
        var charge = call.World.Find("charge", intent.Text("latest_charge"))!;
        Charges.Capture(call, charge, amount);
        charge["amount_refunded"] = charge.Long("amount") - amount;
        call.Emit("charge.captured", charge);
        intent.With(("status", "succeeded"), ("amount_received", amount), ("amount_capturable", 0L));
        call.Emit("payment_intent.succeeded", intent);
    }

    public static void Cancel(StripeCall call, JsonObject intent, string? reason)
    {
        if (intent.Text("status") == "requires_capture" && call.World.Find("charge", intent.Text("latest_charge")) is { } charge)
        {
            charge.With(("amount_refunded", charge.Long("amount")), ("refunded", true));
            call.Emit("charge.refunded", charge);
        }

        intent.With(("status", "canceled"), ("canceled_at", call.Now), ("cancellation_reason", reason), ("amount_capturable", 0L), ("next_action", null));
        call.Emit("payment_intent.canceled", intent);
    }

    /// <summary>What a disputing card's owner does soon after paying.</summary>
    public static void Aftermath(StripeCall call, JsonObject intent)
    {
        if (intent.Text("status") == "succeeded" && call.World.Cards.GetValueOrDefault(intent.Text("payment_method") ?? "") is { Dispute: { } reason } card)
        {
            Disputes.Open(call, call.World.Find("charge", intent.Text("latest_charge"))!, reason, card.Inquiry);
        }
    }

    private static void Succeed(StripeCall call, JsonObject intent, JsonObject method, bool authenticated)
    {
        var amount = intent.Long("amount");
        var manual = intent.Text("capture_method") == "manual";
        var charge = Charges.Make(call, intent, method, "succeeded", authenticated);
        charge["paid"] = true;
        if (!manual)
        {
            Charges.Capture(call, charge, amount);
        }

        call.Emit("charge.succeeded", charge);
        intent["latest_charge"] = charge.Id();
        intent.With(
            ("status", manual ? "requires_capture" : "succeeded"), ("amount_received", manual ? 0L : amount), ("amount_capturable", manual ? amount : 0L));
        call.Emit(manual ? "payment_intent.amount_capturable_updated" : "payment_intent.succeeded", intent);
        Keep(call, intent, method);
        if (authenticated && intent.Text("setup_future_usage") == "off_session")
        {
            call.World.Billing.SetUp.Add(method.Id());
        }

        InvoicePayments.Follow(call, intent);
    }

    private static void Begin(StripeCall call, JsonObject intent, JsonObject method)
    {
        var charge = Charges.Make(call, intent, method, "pending", authenticated: false);
        intent.With(("status", "processing"), ("latest_charge", charge.Id()));
        call.Emit("payment_intent.processing", intent);
        call.Emit("charge.pending", charge);
        Keep(call, intent, method);
    }

    private static void Ask(StripeCall call, JsonObject intent, string? returnUrl)
    {
        intent.With(("status", "requires_action"), ("next_action", AuthenticationPage.NextAction(call, intent.Id(), returnUrl)));
        call.Emit("payment_intent.requires_action", intent);
        InvoicePayments.Follow(call, intent);
    }

    // A card that was set up while the customer was there is known to its bank, unless it asks every time.
    private static bool AsksAbsent(StripeCall call, JsonObject method, TestCard card) =>
        card.OffSession && !(card.SetupHelps && call.World.Billing.SetUp.Contains(method.Id()));

    private static CardFailure Fail(StripeCall call, JsonObject intent, JsonObject method, CardFailure failure, bool withCharge, bool authenticated = false)
    {
        failure = failure with { PaymentMethod = method };
        if (withCharge)
        {
            var charge = Charges.Make(call, intent, method, "failed", authenticated);
            Charges.Fail(charge, failure);
            call.Emit("charge.failed", charge);
            intent["latest_charge"] = charge.Id();
            failure = failure with { Charge = charge.Id() };
        }

        intent.With(("status", "requires_payment_method"), ("payment_method", null), ("next_action", null), ("last_payment_error", failure.ToJson()));
        call.Emit("payment_intent.payment_failed", intent);
        InvoicePayments.Follow(call, intent);
        return failure;
    }

    // A method that is nobody's is spent by its payment; with setup_future_usage it becomes the customer's.
    private static void Keep(StripeCall call, JsonObject intent, JsonObject method)
    {
        if (method.Text("customer") is not null)
        {
            return;
        }

        if (intent.Text("setup_future_usage") is not null && call.World.Find("customer", intent.Text("customer")) is { } customer)
        {
            PaymentMethods.AttachTo(call, method, customer);
        }
        else
        {
            call.World.UsedUp.Add(method.Id());
        }
    }
}
