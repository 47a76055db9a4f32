using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Replaces ids by the objects they stand for, where <c>expand[]</c> asks for it and the field can be expanded.</summary>
internal static class Expansion
{
    private const int MaximumDepth = 4;

    // What an answer is, by the last part of its address that names a kind.
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["balance_transactions"] = "balance_transaction",
        ["configurations"] = "billing_portal.configuration",
        ["coupons"] = "coupon",
        ["event_summaries"] = "billing.meter_event_summary",
        ["invoice_payments"] = "invoice_payment",
        ["invoiceitems"] = "invoiceitem",
        ["invoices"] = "invoice",
        ["lines"] = "line_item",
        ["meter_event_adjustments"] = "billing.meter_event_adjustment",
        ["meter_events"] = "billing.meter_event",
        ["meters"] = "billing.meter",
        ["promotion_codes"] = "promotion_code",
        ["subscription_items"] = "subscription_item",
        ["subscriptions"] = "subscription",
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

    // What stands behind a field: an id's object (of each id, where there are many), a list that is left out otherwise (…[]), a part
    // that only leads on (.…), or something else that is left out otherwise (+…).
    private static readonly Dictionary<string, string> Fields = new()
    {
        ["balance_transaction source"] = "charge",
        ["charge balance_transaction"] = "balance_transaction",
        ["charge customer"] = "customer",
        ["charge failure_balance_transaction"] = "balance_transaction",
        ["charge payment_intent"] = "payment_intent",
        ["charge refunds"] = "refund[]",
        ["checkout.session customer"] = "customer",
        ["checkout.session invoice"] = "invoice",
        ["checkout.session subscription"] = "subscription",
        ["checkout.session line_items"] = "item[]",
        ["checkout.session payment_intent"] = "payment_intent",
        ["checkout.session setup_intent"] = "setup_intent",
        ["customer invoice_settings"] = ".invoice_settings",
        [".invoice_settings default_payment_method"] = "payment_method",
        ["customer_balance_transaction invoice"] = "invoice",
        ["discount promotion_code"] = "promotion_code",
        ["discount source"] = ".discount source",
        [".discount source coupon"] = "coupon",
        ["dispute charge"] = "charge",
        ["dispute payment_intent"] = "payment_intent",
        ["invoice confirmation_secret"] = "+confirmation_secret",
        ["invoice customer"] = "customer",
        ["invoice default_payment_method"] = "payment_method",
        ["invoice discounts"] = "discount",
        ["invoice lines"] = "line_item[]",
        ["invoice parent"] = ".invoice parent",
        [".invoice parent subscription_details"] = ".invoice subscription_details",
        [".invoice subscription_details subscription"] = "subscription",
        ["invoice payments"] = "invoice_payment[]",
        ["invoice_payment invoice"] = "invoice",
        ["invoice_payment payment"] = ".invoice_payment payment",
        [".invoice_payment payment payment_intent"] = "payment_intent",
        ["invoiceitem customer"] = "customer",
        ["invoiceitem invoice"] = "invoice",
        ["item price"] = ".price",
        ["line_item discounts"] = "discount",
        ["line_item pricing"] = ".line_item pricing",
        [".line_item pricing price_details"] = ".line_item price_details",
        [".line_item price_details price"] = "price",
        ["promotion_code customer"] = "customer",
        ["promotion_code promotion"] = ".promotion",
        [".promotion coupon"] = "coupon",
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
        ["subscription customer"] = "customer",
        ["subscription default_payment_method"] = "payment_method",
        ["subscription discounts"] = "discount",
        ["subscription items"] = "subscription_item[]",
        ["subscription latest_invoice"] = "invoice",
        ["subscription pending_setup_intent"] = "setup_intent",
        ["subscription_item price"] = ".price",
    };

    /// <summary>The kind of what this call answers, with <c>[]</c> for a list.</summary>
    public static string KindOf(string method, string path)
    {
        var steps = path.Split('/');
        var named = Array.FindLast(steps, Kinds.ContainsKey)!;
        var kind = named == "sessions" && steps.Contains("billing_portal") ? "billing_portal.session"
            : named == "balance_transactions" && steps.Contains("customers") ? "customer_balance_transaction"
            : Kinds[named];
        return kind + (method == "GET" && steps[^1] == named ? "[]" : "");
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

        if (next.EndsWith(']') || next[0] == '+')
        {
            at[steps[0]] ??= LeftOut(world, at, next);
        }
        else if (at[steps[0]] is JsonArray ids)
        {
            WalkEach(world, ids, next, steps[1..]);
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

    private static JsonObject? LeftOut(StripeWorld world, JsonObject at, string what) => what switch
    {
        "item[]" => CheckoutSessions.LineItems(world, at.Id()),
        "invoice_payment[]" => InvoicePayments.ListOf(world, at.Id()),
        "+confirmation_secret" => InvoicePayments.Secret(world, at),
        _ => Refunds.Of(world, at.Id()),
    };

    private static void WalkEach(StripeWorld world, JsonArray ids, string next, ReadOnlySpan<string> steps)
    {
        for (var at = 0; at < ids.Count; at++)
        {
            if (ids[at] is JsonValue id && world.Find((string)id!) is { } found)
            {
                ids[at] = found.Copy();
                Walk(world, ids[at]!.AsObject(), next, steps);
            }
        }
    }
}
