using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>What a buyer enters on the hosted page.</summary>
internal sealed record BuyerInput
{
    /// <summary>A card number or a <c>pm_card_…</c> name, or <c>bank_debit</c>; 4242… when nothing is said.</summary>
    public string? Card { get; init; }

    /// <summary><c>card</c> or <c>bank_debit</c>.</summary>
    public string? Method { get; init; }
    public string? Email { get; init; }
    public string? Name { get; init; }

    /// <summary>A word for a discount, where the session takes one.</summary>
    public string? PromotionCode { get; init; }

    /// <summary>The answer to the bank's question: yes or no.</summary>
    public bool? Confirm { get; init; }
    public long? ExpMonth { get; init; }
    public long? ExpYear { get; init; }
}

/// <summary>Why the page did not take the payment; <c>code</c> and <c>message</c> as Stripe words them.</summary>
internal sealed record PayRefusal(string Code, string Message, string? DeclineCode, bool SessionIsOver = false);

/// <summary>Pays, settles and expires Checkout sessions: what the hosted page, the control room and time do to them.</summary>
internal static class CheckoutPayment
{
    public const string BankDebit = "bank_debit";
    private const string DefaultCard = "4242424242424242";
    private const string DefaultEmail = "customer@example.com";

    /// <summary>The Pay button. Nothing when it worked, or when the bank has a question (the intent's status tells).</summary>
    public static PayRefusal? Pay(StripeCall call, JsonObject session, BuyerInput input)
    {
        ExpireIfDue(call, session);
        if (session.Text("status") != "open")
        {
            return session.Text("status") == "complete"
                ? new PayRefusal("session_complete", "This Checkout Session has been completed already. You were not charged again.", null, true)
                : new PayRefusal("session_expired", "This Checkout Session has expired. You were not charged.", null, true);
        }

        try
        {
            if (input.PromotionCode is { } word)
            {
                Reduce(call, session, word);
            }

            var failure = session.Text("mode") == "subscription" ? CheckoutSubscription.Pay(call, session, input)
                : Intent(call, session) is { } waiting && waiting.Text("status") == "requires_action" && input is { Card: null, Method: null, Confirm: { } answer }
                ? Payments.Answer(call, waiting, answer)
                : Begin(call, session, input);
            if (failure is not null)
            {
                return new PayRefusal(failure.Code, failure.Message, failure.DeclineCode);
            }
        }
        catch (StripeError refusal)
        {
            return new PayRefusal(refusal.Code ?? refusal.Type, refusal.Message, refusal.Fields?.Text("decline_code"));
        }

        Finish(call, session, input);
        return null;
    }

    /// <summary>The bank's late word on a debit that completed the session unpaid.</summary>
    public static void Settle(StripeCall call, JsonObject session, bool succeeded)
    {
        if (session.Text("status") != "complete" || session.Text("payment_status") != "unpaid" || Intent(call, session) is not { } intent
            || intent.Text("status") != "processing")
        {
            throw StripeError.Invalid("Only a session that was completed by a bank debit, and waits for it, can be settled.", "session");
        }

        Payments.Settle(call, intent, succeeded);
        if (succeeded)
        {
            session["payment_status"] = "paid";
        }

        call.Emit(succeeded ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", session);
    }

    public static void Expire(StripeCall call, JsonObject session)
    {
        session.With(("status", "expired"), ("url", null));
        call.Emit("checkout.session.expired", session);
        if (Intent(call, session) is { } intent && intent.Text("status") is not ("succeeded" or "canceled" or "processing"))
        {
            Payments.Cancel(call, intent, "expired");
        }
    }

    public static void ExpireIfDue(StripeCall call, JsonObject session)
    {
        if (session.Text("status") == "open" && call.Now >= session.Long("expires_at"))
        {
            Expire(call, session);
        }
    }

    /// <summary>Where the buyer goes after a completed session; nothing before.</summary>
    public static string? RedirectUrl(JsonObject session) =>
        session.Text("status") == "complete" ? session.Text("success_url")?.Replace("{CHECKOUT_SESSION_ID}", session.Id(), StringComparison.Ordinal) : null;

    public static JsonObject? Intent(StripeCall call, JsonObject session) => call.World.Find("payment_intent", session.Text("payment_intent"));

    /// <summary>The bank has a question, and the session waits for the answer.</summary>
    public static bool Waits(StripeCall call, JsonObject session) =>
        Intent(call, session)?.Text("status") == "requires_action" || call.World.Billing.Checkout[session.Id()].Waiting is not null;

    private static void Reduce(StripeCall call, JsonObject session, string word)
    {
        if (!session.Flag("allow_promotion_codes"))
        {
            throw StripeError.Invalid("This Checkout Session takes no promotion codes.", "promotion_code");
        }

        CheckoutItems.Reduce(call, session, [Discounts.Typed(call, word, session.Text("customer"), session.Text("currency")!, session.Long("amount_subtotal"))]);
    }

    private static CardFailure? Begin(StripeCall call, JsonObject session, BuyerInput input)
    {
        if (session.Long("amount_total") == 0)
        {
            return null;
        }

        var method = Method(call, session, input);
        method.Child("billing_details")!.With(("email", Email(session, input)), ("name", input.Name));
        var intent = Intent(call, session) ?? MakeIntent(call, session, input);
        var failure = Payments.Try(call, intent, method, new Attempt());
        return failure is null && intent.Text("status") == "requires_action" && input.Confirm is { } answer
            ? Payments.Answer(call, intent, answer)
            : failure;
    }

    /// <summary>The card or the bank account that the buyer enters.</summary>
    public static JsonObject Method(StripeCall call, JsonObject session, BuyerInput input)
    {
        var types = session["payment_method_types"]!.AsArray().Select(type => (string)type!).ToList();
        if (input.Method == BankDebit || input.Card == BankDebit)
        {
            return types.Contains(PaymentMethods.BankDebit)
                ? PaymentMethods.MakeBank(call)
                : throw StripeError.Invalid(
                    "This Checkout Session does not take bank debits: its payment_method_types has no us_bank_account.", "payment_method_types", "payment_method_not_available");
        }

        if (input.Method is not (null or "card") || !types.Contains("card"))
        {
            throw StripeError.Invalid("This Checkout Session does not take that method.", "payment_method_types", "payment_method_not_available");
        }

        var (month, year) = (input.ExpMonth ?? 12, input.ExpYear ?? 2034);
        if (input.ExpMonth is not null || input.ExpYear is not null)
        {
            PaymentMethods.CheckExpiry(call, month, year);
        }

        var number = input.Card ?? DefaultCard;
        return PaymentMethods.Make(call, TestCard.ByName(number) ?? PaymentMethods.CardOf(number), month, year < 100 ? year + 2000 : year);
    }

    private static JsonObject MakeIntent(StripeCall call, JsonObject session, BuyerInput input)
    {
        var data = new Params(call.World.IntentData[session.Id()], "payment_intent_data");
        var customer = session.Text("customer");
        if (customer is null && (session.Text("customer_creation") == "always" || data.Text("setup_future_usage") is not null))
        {
            customer = Customers.Make(call, made => made.With(("email", Email(session, input)), ("name", input.Name))).Id();
        }

        var intent = PaymentIntents.Make(call, session.Long("amount_total"), session.Text("currency")!, made =>
        {
            made.With(("customer", customer), ("payment_method_types", session["payment_method_types"]));
            data.CopyTo(made, "description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix", "transfer_group");
            data.MergeMetadata(made);
        });
        call.World.SessionOfIntent[intent.Id()] = session.Id();
        session["payment_intent"] = intent.Id();
        return intent;
    }

    private static void Finish(StripeCall call, JsonObject session, BuyerInput input)
    {
        if (Waits(call, session))
        {
            return;
        }

        var intent = Intent(call, session);
        var subscribes = session.Text("mode") == "subscription";

        var details = session.Child("customer_details") ?? Skeletons.New("checkout.session.customer_details");
        var billing = call.World.Find("payment_method", intent?.Text("payment_method"))?.Child("billing_details");
        details.With(("email", details.Text("email") ?? billing?.Text("email") ?? Email(session, input)), ("name", billing?.Text("name") ?? details.Text("name")));
        session.With(
            ("status", "complete"), ("url", null), ("customer", session.Text("customer") ?? intent?.Text("customer")), ("customer_details", details),
            ("payment_status", subscribes && session.Long("amount_total") > 0 ? "paid" : intent is null ? "no_payment_required" : intent.Text("status") == "succeeded" ? "paid" : "unpaid"));
        if (!subscribes)
        {
            Discounts.Keep(call, call.World.Billing.Checkout[session.Id()].Discounts, null, session.Text("customer"), session.Id());
        }

        call.Emit("checkout.session.completed", session);
        if (intent is not null)
        {
            Payments.Aftermath(call, intent);
        }
    }

    /// <summary>Whose session it is, as far as it is known.</summary>
    public static string Email(JsonObject session, BuyerInput input) =>
        session.Text("customer_details", "email") ?? session.Text("customer_email") ?? input.Email ?? DefaultEmail;
}
