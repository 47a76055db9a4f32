using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Replaces ids by the objects they stand for, where <c>expand[]</c> asks for it and the field can be expanded.</summary>
internal static class Expansion
{
    private const int MaximumDepth = 4;

    // What an answer is, by the last part of its address that names a kind.
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["balance_transactions"] = "balance_transaction",
        ["charges"] = "charge",
        ["customers"] = "customer",
        ["disputes"] = "dispute",
        ["events"] = "event",
        ["line_items"] = "item",
        ["payment_intents"] = "payment_intent",
        ["payment_methods"] = "payment_method",
        ["prices"] = "price",
        ["products"] = "product",
        ["refunds"] = "refund",
        ["sessions"] = "checkout.session",
        ["setup_intents"] = "setup_intent",
        ["webhook_endpoints"] = "webhook_endpoint",
    };

    // What stands behind a field: an id's object, a list that is left out otherwise (…[]), or a part that only leads on (.…).
    private static readonly Dictionary<string, string> Fields = new()
    {
        ["balance_transaction source"] = "charge",
        ["charge balance_transaction"] = "balance_transaction",
        ["charge customer"] = "customer",
        ["charge failure_balance_transaction"] = "balance_transaction",
        ["charge payment_intent"] = "payment_intent",
        ["charge refunds"] = "refund[]",
        ["checkout.session customer"] = "customer",
        ["checkout.session line_items"] = "item[]",
        ["checkout.session payment_intent"] = "payment_intent",
        ["checkout.session setup_intent"] = "setup_intent",
        ["customer invoice_settings"] = ".invoice_settings",
        [".invoice_settings default_payment_method"] = "payment_method",
        ["dispute charge"] = "charge",
        ["dispute payment_intent"] = "payment_intent",
        ["item price"] = ".price",
        [".price product"] = "product",
        ["payment_intent customer"] = "customer",
        ["payment_intent latest_charge"] = "charge",
        ["payment_intent payment_method"] = "payment_method",
        ["payment_method customer"] = "customer",
        ["price product"] = "product",
        ["product default_price"] = "price",
        ["refund balance_transaction"] = "balance_transaction",
        ["refund charge"] = "charge",
        ["refund customer"] = "customer",
        ["refund failure_balance_transaction"] = "balance_transaction",
        ["refund payment_intent"] = "payment_intent",
        ["refund payment_method"] = "payment_method",
        ["setup_intent customer"] = "customer",
        ["setup_intent payment_method"] = "payment_method",
    };

    /// <summary>The kind of what this call answers, with <c>[]</c> for a list.</summary>
    public static string KindOf(string method, string path)
    {
        var steps = path.Split('/');
        var named = Array.FindLast(steps, Kinds.ContainsKey)!;
        return Kinds[named] + (method == "GET" && steps[^1] == named ? "[]" : "");
    }

    /// <summary>Refuses what cannot be expanded, before anything is done.</summary>
    public static void Check(string kind, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            if (steps.Length > MaximumDepth)
            {
                throw StripeError.Invalid($"You cannot expand more than {MaximumDepth} levels of a property. Property: {path}", "expand");
            }

            var at = kind;
            foreach (var step in steps)
            {
                at = Next(at, step) ?? throw StripeError.Invalid(
                    $"This property cannot be expanded ({step})." + (at == kind && kind.EndsWith(']') ? $" You may want to try expanding 'data.{path}' instead." : ""), "expand");
            }

            if (at[0] == '.')
            {
                throw StripeError.Invalid($"This property cannot be expanded ({steps[^1]}).", "expand");
            }
        }
    }

    public static JsonObject Apply(StripeWorld world, JsonObject answer, string kind, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            Walk(world, answer, kind, path.Split('.'));
        }

        return answer;
    }

    private static string? Next(string kind, string step) =>
        kind.EndsWith(']') ? step == "data" ? kind[..^2] : null : Fields.GetValueOrDefault($"{kind} {step}");

    private static void Walk(StripeWorld world, JsonObject at, string kind, ReadOnlySpan<string> steps)
    {
        if (steps.Length == 0)
        {
            return;
        }

        var next = Next(kind, steps[0])!;
        if (kind.EndsWith(']'))
        {
            foreach (var item in at["data"]!.AsArray())
            {
                Walk(world, item!.AsObject(), next, steps[1..]);
            }

            return;
        }

        if (next.EndsWith(']'))
        {
            at[steps[0]] ??= next == "item[]" ? CheckoutSessions.LineItems(world, at.Id()) : Refunds.Of(world, at.Id());
        }
        else if (at[steps[0]] is JsonValue id && world.Find((string)id!) is { } found)
        {
            at[steps[0]] = found.Copy();
        }

        if (at[steps[0]] is JsonObject child)
        {
            Walk(world, child, next, steps[1..]);
        }
    }
}
