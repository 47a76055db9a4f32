using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>Coupons: what they take off, for how long, and how often they may be redeemed.</summary>
internal static class Coupons
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/coupons", Create, "currency_options");
        api.Get("/v1/coupons", call => Listing.Of(call, call.World.All("coupon"), "/v1/coupons"));
        api.Get("/v1/coupons/{coupon}", Addressed);
        api.Post("/v1/coupons/{coupon}", Update, "currency_options");
        api.Delete("/v1/coupons/{coupon}", call =>
        {
            var coupon = Addressed(call);
            call.Emit("coupon.deleted", coupon.Copy().With(("valid", false)));
            return StripeWorld.Delete(coupon);
        });
    }

    /// <summary>Counts one more use and ends the coupon when it was the last.</summary>
    public static void Redeem(JsonObject coupon)
    {
        coupon["times_redeemed"] = coupon.Long("times_redeemed") + 1;
        if (coupon.LongOrNull("max_redemptions") is { } most && coupon.Long("times_redeemed") >= most)
        {
            coupon["valid"] = false;
        }
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("coupon", "coupon");

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var duration = given.Text("duration") ?? "once";
        Check(call, given, duration);
        var id = given.Text("id") ?? Ids.New("", 8);
        if (call.World.Find(id) is { } taken && !taken.Flag("deleted"))
        {
            throw StripeError.Invalid($"Coupon already exists.", "id", "resource_already_exists");
        }

        var made = Skeletons.New("coupon").With(("id", id), ("created", call.Now), ("duration", duration));
        given.CopyTo(made, "amount_off", "percent_off", "duration_in_months", "max_redemptions", "name", "redeem_by", "applies_to");
        if (given.Has("amount_off"))
        {
            made["currency"] = Currencies.Check(given);
        }

        given.MergeMetadata(made);
        call.World.Add(made);
        call.Emit("coupon.created", made);
        if (given.Long("redeem_by") is { } until)
        {
            call.World.At(until, due =>
            {
                if (made.Flag("valid"))
                {
                    due.Change(made, "coupon.updated", () => made["valid"] = false);
                }
            });
        }

        return made;
    }

    private static void Check(StripeCall call, Params given, string duration)
    {
        if (given.Has("percent_off") == given.Has("amount_off"))
        {
            throw given.Has("percent_off")
                ? StripeError.Invalid("You may only specify one of these parameters: amount_off, percent_off.", "percent_off")
                : StripeError.Invalid("Must provide percent_off or amount_off.", "percent_off", "parameter_missing");
        }

        if (given.Decimal("percent_off") is <= 0 or > 100)
        {
            throw StripeError.Invalid("Invalid percent_off: must be greater than 0 and less than or equal to 100.", "percent_off");
        }

        if (given.Long("amount_off") is < 1)
        {
            throw StripeError.Invalid("Invalid positive integer", "amount_off", "parameter_invalid_integer");
        }

        if (duration == "repeating" != given.Has("duration_in_months") || given.Long("duration_in_months") is < 1)
        {
            throw StripeError.Invalid("duration_in_months is a positive number where duration is repeating, and is not given otherwise.", "duration_in_months");
        }

        if (given.Long("redeem_by") is { } until && until <= call.Now)
        {
            throw StripeError.Invalid("redeem_by must be in the future.", "redeem_by");
        }

        if (given.Long("max_redemptions") is < 1)
        {
            throw StripeError.Invalid("Invalid positive integer", "max_redemptions", "parameter_invalid_integer");
        }
    }

    private static JsonObject Update(StripeCall call)
    {
        var coupon = Addressed(call);
        call.Change(coupon, "coupon.updated", () =>
        {
            call.Params.CopyTo(coupon, "name");
            call.Params.MergeMetadata(coupon);
        });
        return coupon;
    }
}
