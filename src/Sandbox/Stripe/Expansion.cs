using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Replaces ids by the objects they stand for, where <c>expand[]</c> asks for it and the field can be expanded.</summary>
internal static class Expansion
{
    private const int MaximumDepth = 4;

    private static readonly Dictionary<string, string[]> Expandable = new()
    {
        ["balance_transaction"] = ["source"],
        ["charge"] = ["balance_transaction", "customer", "failure_balance_transaction", "payment_intent", "refunds"],
        ["checkout.session"] = ["customer", "line_items", "payment_intent", "setup_intent"],
        ["customer"] = ["default_payment_method"],
        ["dispute"] = ["charge", "payment_intent"],
        ["payment_intent"] = ["customer", "latest_charge", "payment_method"],
        ["payment_method"] = ["customer"],
        ["price"] = ["product"],
        ["product"] = ["default_price"],
        ["refund"] = ["balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent", "payment_method"],
        ["setup_intent"] = ["customer", "payment_method"],
    };

    public static JsonObject Apply(StripeWorld world, JsonObject answer, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            if (steps.Length > MaximumDepth)
            {
                throw StripeError.Invalid($"You cannot expand more than {MaximumDepth} levels of a property. Property: {path}", "expand");
            }

            if (answer.Text("object") == "list" && steps[0] != "data")
            {
                throw StripeError.Invalid($"This property cannot be expanded ({steps[0]}). You may want to try expanding 'data.{path}' instead.", "expand");
            }

            Walk(world, answer, steps, "");
        }

        return answer;
    }

    private static void Walk(StripeWorld world, JsonObject at, ReadOnlySpan<string> steps, string owner)
    {
        var step = steps[0];
        var kind = at.Text("object") ?? owner;
        if (at["data"] is JsonArray items && step == "data")
        {
            foreach (var item in items)
            {
                if (steps.Length > 1)
                {
                    Walk(world, item!.AsObject(), steps[1..], kind);
                }
            }

            return;
        }

        if (Expandable.GetValueOrDefault(kind)?.Contains(step) == true)
        {
            Expand(world, at, step);
        }
        else if (at[step] is not JsonObject || steps.Length == 1)
        {
            throw StripeError.Invalid($"This property cannot be expanded ({step}).", "expand");
        }

        if (steps.Length > 1 && at[step] is JsonObject child)
        {
            Walk(world, child, steps[1..], kind);
        }
    }

    private static void Expand(StripeWorld world, JsonObject at, string step)
    {
        if (step == "line_items")
        {
            at[step] = CheckoutSessions.LineItems(world, at.Id());
        }
        else if (step == "refunds")
        {
            at[step] = Refunds.Of(world, at.Id());
        }
        else if (at[step] is JsonValue id && world.Find((string)id!) is { } found)
        {
            at[step] = found.Copy();
        }
    }
}
