using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>The words that customers type for a coupon.</summary>
internal static class PromotionCodes
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    public static void Map(StripeApi api)
    {
        api.Post("/v1/promotion_codes", Create, "customer_account");
        api.Get("/v1/promotion_codes", List);
        api.Get("/v1/promotion_codes/{promotion_code}", Addressed);
        api.Post("/v1/promotion_codes/{promotion_code}", Update);
    }

    /// <summary>The active code that a customer typed; upper and lower case are the same.</summary>
    public static JsonObject? Typed(StripeCall call, string word) => call.World.All("promotion_code").FirstOrDefault(one => one.Flag("active") && Same(one, word));

    /// <summary>Refuses a code that is over, another customer's, or below its least amount.</summary>
    public static void Check(StripeCall call, JsonObject code, string? customer, string currency, long subtotal, string param)
    {
        if (!code.Flag("active"))
        {
            throw StripeError.Invalid("This promotion code is not active.", param);
        }

        if (code.Text("customer") is { } owner && owner != customer)
        {
            throw StripeError.Invalid("This promotion code cannot be redeemed because the associated customer is not the one it was made for.", param);
        }

        var restrictions = code.Child("restrictions")!;
        if (restrictions.LongOrNull("minimum_amount") is { } least && (restrictions.Text("minimum_amount_currency") != currency || subtotal < least))
        {
            throw StripeError.Invalid("This promotion code cannot be redeemed because the order's amount is below its minimum.", param);
        }

        if (restrictions.Flag("first_time_transaction") && customer is not null
            && call.World.All("charge").Any(charge => charge.Text("customer") == customer && charge.Text("status") == "succeeded"))
        {
            throw StripeError.Invalid("This promotion code cannot be redeemed because the associated customer has prior transactions.", param);
        }
    }

    /// <summary>Counts one more use and ends the code when it was the last.</summary>
    public static void Redeem(JsonObject code)
    {
        code["times_redeemed"] = code.Long("times_redeemed") + 1;
        if (code.LongOrNull("max_redemptions") is { } most && code.Long("times_redeemed") >= most)
        {
            code["active"] = false;
        }
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("promotion_code", "promotion_code");

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var coupon = call.Named("coupon", given.Child("promotion"), "coupon")
            ?? throw StripeError.Invalid("Missing required param: promotion[coupon].", "promotion[coupon]", "parameter_missing");
        var customer = call.Named("customer", "customer");
        var word = given.Text("code") ?? System.Security.Cryptography.RandomNumberGenerator.GetString(Alphabet, 8);
        if (!coupon.Flag("valid"))
        {
            throw StripeError.Invalid("This coupon is expired or was redeemed too often.", "promotion[coupon]");
        }

        if (word.Length > 500 || word.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')))
        {
            throw StripeError.Invalid("A code is made of letters, digits, - and _.", "code");
        }

        if (call.World.All("promotion_code").Any(one => one.Flag("active") && Same(one, word) && one.Text("customer") == customer?.Id()))
        {
            throw StripeError.Invalid("An active promotion code with `code: " + word + "` already exists.", "code");
        }

        if (given.Long("expires_at") is { } until && until <= call.Now)
        {
            throw StripeError.Invalid("expires_at must be in the future.", "expires_at");
        }

        var made = call.Create("promotion_code", "promo_1");
        made.With(("code", word), ("customer", customer?.Id()));
        made.Child("promotion")!["coupon"] = coupon.Id();
        given.CopyTo(made, "active", "expires_at", "max_redemptions");
        given.Child("restrictions").CopyTo(made.Child("restrictions")!, "first_time_transaction", "minimum_amount", "minimum_amount_currency");
        given.MergeMetadata(made);
        call.Emit("promotion_code.created", made);
        if (given.Long("expires_at") is { } over)
        {
            call.World.At(over, due =>
            {
                if (made.Flag("active"))
                {
                    due.Change(made, "promotion_code.updated", () => made["active"] = false);
                }
            });
        }

        return made;
    }

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        return Listing.Of(call, call.World.All("promotion_code")
            .Where(one => given.Text("code") is not { } word || Same(one, word))
            .Where(one => given.Flag("active") is not { } active || one.Flag("active") == active)
            .Where(one => given.Text("coupon") is not { } coupon || one.Text("promotion", "coupon") == coupon)
            .Where(one => given.Text("customer") is not { } customer || one.Text("customer") == customer), "/v1/promotion_codes");
    }

    private static JsonObject Update(StripeCall call)
    {
        var code = Addressed(call);
        call.Change(code, "promotion_code.updated", () =>
        {
            call.Params.CopyTo(code, "active");
            call.Params.MergeMetadata(code);
        });
        return code;
    }

    private static bool Same(JsonObject code, string word) => string.Equals(code.Text("code"), word, StringComparison.OrdinalIgnoreCase);
}
