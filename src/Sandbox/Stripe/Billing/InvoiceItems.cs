using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Amounts that wait for the customer's next invoice: prorations, and what the API adds by hand.</summary>
internal static class InvoiceItems
{
    private const string NotPlayed = "customer_account discounts quantity_decimal tax_behavior tax_code tax_rates";

    public static void Map(StripeApi api)
    {
        api.Post("/v1/invoiceitems", Create, NotPlayed);
        api.Get("/v1/invoiceitems", List);
        api.Get("/v1/invoiceitems/{invoiceitem}", Addressed);
        api.Post("/v1/invoiceitems/{invoiceitem}", Update, NotPlayed + " price_data pricing quantity unit_amount_decimal");
        api.Delete("/v1/invoiceitems/{invoiceitem}", Delete);
    }

    /// <summary>What waits for the next invoice of this subscription: its own, and what belongs to no subscription.</summary>
    public static IReadOnlyList<JsonObject> Pending(StripeCall call, string customer, string? subscription, string currency, bool own = false) =>
    [
        .. call.World.All("invoiceitem").Where(one => one.Text("customer") == customer && one.Text("invoice") is null && one.Text("currency") == currency
            && (SubscriptionOf(one) is { } of ? of == subscription : !own)).Reverse(),
    ];

    /// <summary>A proration that waits.</summary>
    public static JsonObject Make(StripeCall call, JsonObject subscription, Line line)
    {
        var made = call.Create("invoiceitem", "ii_1");
        Fill(made, line, subscription.Text("customer")!, subscription.Text("currency")!, call.Now);
        made["parent"] = new JsonObject
        {
            ["subscription_details"] = line.Item is null
                ? new JsonObject { ["subscription"] = subscription.Id() }
                : new JsonObject { ["subscription"] = subscription.Id(), ["subscription_item"] = line.Item },
            ["type"] = "subscription_details",
        };
        if (line.Credits is { } credits)
        {
            made["proration_details"] = new JsonObject
            {
                ["credited_items"] = new JsonObject
                {
                    ["invoice_line_item_details"] = new JsonObject { ["invoice"] = credits.Invoice, ["invoice_line_items"] = new JsonArray(credits.Line) },
                    ["type"] = "invoice_line_items",
                },
                ["discount_amounts"] = new JsonArray(),
            };
        }

        call.Emit("invoiceitem.created", made);
        return made;
    }

    /// <summary>An invoice item as the line of an invoice.</summary>
    public static Line ToLine(StripeCall call, JsonObject item)
    {
        var credited = item.Child("proration_details")?.Child("credited_items")?.Child("invoice_line_item_details");
        return new Line
        {
            Amount = item.Long("amount"),
            Description = item.Text("description") ?? "Invoice item",
            Start = item.Child("period")!.Long("start"),
            End = item.Child("period")!.Long("end"),
            Price = call.World.Find("price", item.Child("pricing")?.Text("price_details", "price")),
            Quantity = item.Long("quantity"),
            Proration = item.Flag("proration"),
            Discountable = item.Flag("discountable"),
            InvoiceItem = item.Id(),
            Item = item.Child("parent")?.Text("subscription_details", "subscription_item"),
            Subscription = SubscriptionOf(item),
            Metadata = item.Child("metadata")?.Copy(),
            Credits = credited is null ? null : (credited.Text("invoice")!, credited.Texts("invoice_line_items")[0]),
        };
    }

    private static string? SubscriptionOf(JsonObject item) => item.Child("parent")?.Text("subscription_details", "subscription");

    private static JsonObject Addressed(StripeCall call) => call.Addressed("invoiceitem", "invoiceitem");

    private static void Fill(JsonObject made, Line line, string customer, string currency, long now) => made.With(
        ("amount", line.Amount), ("net_amount", line.Amount), ("currency", currency), ("customer", customer), ("date", now), ("description", line.Description),
        ("discountable", line.Discountable), ("proration", line.Proration), ("quantity", line.Quantity),
        ("quantity_decimal", line.Quantity.ToString(CultureInfo.InvariantCulture)), ("pricing", InvoiceLines.Pricing(line.Price)),
        ("period", new JsonObject { ["end"] = line.End, ["start"] = line.Start }));

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var customer = call.Named("customer", "customer") ?? throw StripeError.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        var subscription = call.Named("subscription", "subscription");
        var invoice = call.Named("invoice", "invoice");
        if (invoice is not null && invoice.Text("status") != "draft")
        {
            throw StripeError.Invalid("This invoice is no longer editable.", "invoice", "invoice_not_editable");
        }

        var line = Asked(call, given);
        var currency = line.Price?.Text("currency") ?? (given.Has("currency") ? Currencies.Check(given) : customer.Text("currency") ?? "usd");
        var made = call.Create("invoiceitem", "ii_1");
        Fill(made, line, customer.Id(), currency, call.Now);
        given.CopyTo(made, "description", "discountable");
        given.MergeMetadata(made);
        if (subscription is not null)
        {
            made["parent"] = new JsonObject { ["subscription_details"] = new JsonObject { ["subscription"] = subscription.Id() }, ["type"] = "subscription_details" };
        }

        call.Emit("invoiceitem.created", made);
        if (invoice is not null)
        {
            Invoices.Add(call, invoice, made);
        }

        return made;
    }

    private static Line Asked(StripeCall call, Params given)
    {
        var period = given.Child("period");
        var (start, end) = (period.Long("start") ?? call.Now, period.Long("end") ?? call.Now);
        if (given.Has("pricing") || given.Has("price_data"))
        {
            var price = given.Has("price_data") ? Prices.Given(call, given, recurring: false) : Prices.Given(call, given.Child("pricing"), recurring: false);
            return InvoiceLines.Once(call, price, given.Long("quantity") ?? 1) with { Start = start, End = end };
        }

        if (given.Long("amount") is not { } amount)
        {
            throw StripeError.NotPlayed("invoice items of unit_amount_decimal alone");
        }

        return new Line { Amount = amount, Description = given.Text("description") ?? "", Start = start, End = end };
    }

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        return Listing.Of(call, call.World.All("invoiceitem")
            .Where(one => given.Text("customer") is not { } customer || one.Text("customer") == customer)
            .Where(one => given.Text("invoice") is not { } invoice || one.Text("invoice") == invoice)
            .Where(one => given.Flag("pending") is not { } pending || one.Text("invoice") is null == pending), "/v1/invoiceitems");
    }

    private static JsonObject Update(StripeCall call)
    {
        var item = Pending(call);
        call.Params.CopyTo(item, "amount", "description", "discountable", "period");
        item["net_amount"] = item.Long("amount");
        call.Params.MergeMetadata(item);
        return item;
    }

    private static JsonObject Delete(StripeCall call)
    {
        var item = Pending(call);
        call.Emit("invoiceitem.deleted", item);
        return StripeWorld.Delete(item);
    }

    private static JsonObject Pending(StripeCall call)
    {
        var item = Addressed(call);
        return item.Text("invoice") is null
            ? item
            : throw StripeError.Invalid("This invoice item is on an invoice and can no longer be changed.", "invoiceitem", "invoice_not_editable");
    }
}
