using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Cards and bank accounts: made by number or by Stripe's test names, attached to a customer, detached for good.</summary>
internal static class PaymentMethods
{
    public const string BankDebit = "us_bank_account";

    public static void Map(StripeApi api)
    {
        api.Post("/v1/payment_methods", call => Make(call, call.Params), "customer payment_method");
        api.Get("/v1/payment_methods", call => List(call, call.Named("customer", "customer"), "/v1/payment_methods"));
        api.Get("/v1/payment_methods/{payment_method}", Addressed);
        api.Post("/v1/payment_methods/{payment_method}", Update, "payto");
        api.Post("/v1/payment_methods/{payment_method}/attach", Attach, "customer_account");
        api.Post("/v1/payment_methods/{payment_method}/detach", Detach);
        api.Get("/v1/customers/{customer}/payment_methods", call =>
            List(call, Customers.Addressed(call), $"/v1/customers/{call.Route["customer"]}/payment_methods"));
        api.Get("/v1/customers/{customer}/payment_methods/{payment_method}", call =>
            Addressed(call) is { } method && method.Text("customer") == Customers.Addressed(call).Id()
                ? method
                : throw StripeError.Missing("PaymentMethod", (string)call.Route["payment_method"]!, "payment_method"));
    }

    /// <summary>From <c>type</c> and that type's own parameters.</summary>
    public static JsonObject Make(StripeCall call, Params given)
    {
        var type = given.Text("type") ?? (given.Has("card") ? "card" : given.Required("type"));
        if (!given.Has(type))
        {
            throw StripeError.Invalid($"Missing required param: {given.PathOf(type)}.", given.PathOf(type), "parameter_missing");
        }

        var made = type switch
        {
            "card" => OfCard(call, given.Child("card")),
            BankDebit => OfBank(call, given.Child(BankDebit)),
            _ => throw StripeError.NotPlayed($"payment methods of type {type}"),
        };
        given.CopyTo(made, "allow_redisplay");
        given.Child("billing_details").CopyTo(made.Child("billing_details")!, "address", "email", "name", "phone", "tax_id");
        given.MergeMetadata(made);
        return made;
    }

    public static JsonObject Make(StripeCall call, TestCard card, long expMonth = 12, long expYear = 2034)
    {
        var made = call.Create("payment_method", "pm_1");
        call.World.Cards[made.Id()] = card;
        made["card"] = Skeletons.New("payment_method.card").With(
            ("brand", card.Brand), ("display_brand", card.Brand), ("country", card.Country), ("funding", card.Funding), ("last4", card.Last4),
            ("exp_month", expMonth), ("exp_year", expYear), ("fingerprint", Fingerprint(card.Number)),
            ("networks", new JsonObject { ["available"] = new JsonArray(card.Brand), ["preferred"] = null }));
        return made;
    }

    public static JsonObject MakeBank(StripeCall call, string account = "000123456789", string routing = "110000000") =>
        call.Create("payment_method", "pm_1").With(("type", BankDebit), (BankDebit, Skeletons.New("payment_method.us_bank_account").With(
            ("last4", account[^4..]), ("routing_number", routing), ("fingerprint", Fingerprint(routing + account)))));

    /// <summary>The payment method that a parameter names, which may be one of Stripe's test names.</summary>
    public static JsonObject? Named(StripeCall call, Params among, string param) =>
        among.Text(param) is { } name && OfTestName(call, name) is { } made ? made : call.Named("payment_method", among, param);

    /// <summary>The card that was typed in: its number, its name, or a refusal in Stripe's words.</summary>
    public static TestCard CardOf(string number)
    {
        var digits = number.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (TestCard.ByNumber(digits) is { } card)
        {
            return card;
        }

        throw StripeError.Card(TestCard.IsPlausible(digits)
            ? new CardFailure("card_declined", "Your card was declined. Your request was in test mode, but used a non test (live) card.") { DeclineCode = "test_mode_live_card" }
            : new CardFailure("incorrect_number", "Your card number is incorrect.") { Param = "number" }, "payment_intent", null);
    }

    /// <summary>Saves it with the customer, unless it is another's, used up, or its bank declines.</summary>
    public static void AttachTo(StripeCall call, JsonObject method, JsonObject customer)
    {
        if (method.Text("customer") is { } owner)
        {
            if (owner == customer.Id())
            {
                return;
            }

            throw StripeError.Invalid("The payment method you provided has already been attached to a customer.", "payment_method", "payment_method_unexpected_state");
        }

        RefuseUsedUp(call, method);
        if (call.World.Cards.GetValueOrDefault(method.Id()) is { Attaches: false, Failure: { } failure })
        {
            throw StripeError.Card(failure, "payment_intent", null);
        }

        method["customer"] = customer.Id();
        call.Emit("payment_method.attached", method);
    }

    /// <summary>The first of these that is saved with this customer: a card that was detached since is nobody's.</summary>
    public static JsonObject? Of(StripeCall call, string? customer, params ReadOnlySpan<string?> ids)
    {
        foreach (var id in ids)
        {
            if (call.World.Find("payment_method", id) is { } method && method.Text("customer") is { } owner && owner == customer)
            {
                return method;
            }
        }

        return null;
    }

    public static bool IsUsedUp(StripeCall call, JsonObject method) => call.World.UsedUp.Contains(method.Id());

    public static void RefuseUsedUp(StripeCall call, JsonObject method)
    {
        if (IsUsedUp(call, method))
        {
            throw StripeError.Invalid(
                "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was detached from a Customer. "
                + "It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.", "payment_method");
        }
    }

    public static void DetachFromCustomer(StripeCall call, JsonObject method)
    {
        var owner = call.World.Find("customer", method.Text("customer"));
        call.World.UsedUp.Add(method.Id());
        var before = method["customer"]?.DeepClone();
        method["customer"] = null;
        call.Emit("payment_method.detached", method, new JsonObject { ["customer"] = before });
        if (owner?.Child("invoice_settings") is { } settings && settings.Text("default_payment_method") == method.Id())
        {
            call.Change(owner, "customer.updated", () => settings["default_payment_method"] = null);
        }

        foreach (var subscription in call.World.All("subscription").Where(one => one.Text("default_payment_method") == method.Id() && !SubscriptionStatus.IsOver(one)).ToList())
        {
            call.Change(subscription, "customer.subscription.updated", () => subscription["default_payment_method"] = null);
        }
    }

    private static JsonObject Addressed(StripeCall call) =>
        OfTestName(call, (string)call.Route["payment_method"]!) ?? call.Addressed("payment_method", "payment_method");

    private static JsonObject List(StripeCall call, JsonObject? customer, string url) => Listing.Of(call, call.World.All("payment_method")
        .Where(one => customer is null || one.Text("customer") == customer.Id())
        .Where(one => call.Params.Text("type") is not { } type || one.Text("type") == type)
        .Where(one => call.Params.Text("allow_redisplay") is not { } redisplay || one.Text("allow_redisplay") == redisplay), url);

    private static JsonObject Update(StripeCall call)
    {
        var method = Addressed(call);
        if (method.Text("customer") is null)
        {
            throw StripeError.Invalid("You must save this PaymentMethod to a customer before you can update it.", "payment_method", "payment_method_unexpected_state");
        }

        call.Change(method, "payment_method.updated", () =>
        {
            call.Params.CopyTo(method, "allow_redisplay");
            call.Params.Child("billing_details").CopyTo(method.Child("billing_details")!, "address", "email", "name", "phone", "tax_id");
            if (method.Child("card") is { } card)
            {
                call.Params.Child("card").CopyTo(card, "exp_month", "exp_year");
            }

            call.Params.MergeMetadata(method);
        });
        return method;
    }

    private static JsonObject Attach(StripeCall call)
    {
        var customerId = call.Params.Required("customer");
        var customer = call.World.Find("customer", customerId) ?? throw StripeError.Missing("customer", customerId, "customer");
        var method = Addressed(call);
        AttachTo(call, method, customer);
        return method;
    }

    private static JsonObject Detach(StripeCall call)
    {
        var method = Addressed(call);
        if (method.Text("customer") is null)
        {
            throw StripeError.Invalid("The payment method you provided is not attached to a customer so detachment is impossible.", "payment_method");
        }

        DetachFromCustomer(call, method);
        return method;
    }

    private static JsonObject? OfTestName(StripeCall call, string name) =>
        name.StartsWith("pm_card_", StringComparison.Ordinal) && TestCard.ByName(name) is { } card ? Make(call, card)
        : name is "pm_usBankAccount" or "pm_usBankAccount_success" ? MakeBank(call)
        : null;

    private static JsonObject OfCard(StripeCall call, Params card)
    {
        if (card.Text("token") is { } token)
        {
            return Make(call, TestCard.ByName(token) ?? throw StripeError.Missing("token", token, card.PathOf("token"), 400));
        }

        var known = CardOf(card.Required("number"));
        var month = card.Long("exp_month") ?? throw StripeError.Invalid($"Missing required param: {card.PathOf("exp_month")}.", card.PathOf("exp_month"), "parameter_missing");
        var year = card.Long("exp_year") ?? throw StripeError.Invalid($"Missing required param: {card.PathOf("exp_year")}.", card.PathOf("exp_year"), "parameter_missing");
        CheckExpiry(call, month, year);
        return Make(call, known, month, year < 100 ? year + 2000 : year);
    }

    /// <summary>Refuses a month that is over, as the card form does.</summary>
    public static void CheckExpiry(StripeCall call, long month, long year)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(call.Now).UtcDateTime;
        var fullYear = year < 100 ? year + 2000 : year;
        if (month is < 1 or > 12)
        {
            throw StripeError.Card(new CardFailure("invalid_expiry_month", "Your card's expiration month is invalid.") { Param = "exp_month" }, "payment_intent", null);
        }

        if (fullYear * 12 + month < now.Year * 12 + now.Month || fullYear > now.Year + 50)
        {
            throw StripeError.Card(new CardFailure("invalid_expiry_year", "Your card's expiration year is invalid.") { Param = "exp_year" }, "payment_intent", null);
        }
    }

    private static JsonObject OfBank(StripeCall call, Params bank)
    {
        var (account, routing) = (bank.Required("account_number"), bank.Required("routing_number"));
        if (account.Length < 4 || routing.Length != 9)
        {
            throw StripeError.Invalid("The bank account or routing number is not valid.", bank.PathOf("account_number"));
        }

        var made = MakeBank(call, account, routing);
        bank.CopyTo(made.Child(BankDebit)!, "account_holder_type", "account_type");
        return made;
    }

    private static string Fingerprint(string number) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("fingerprint:" + number)))[..16];
}
