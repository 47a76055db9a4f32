using System.Net;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Customers, and what is sold to them.</summary>
public sealed class StripeCustomersTests
{
    [Fact]
    public async Task ACustomerIsKeptChangedAndDeleted()
    {
        await using var stripe = await StripeSandbox.Start();
        var made = await stripe.Post("/v1/customers", ("email", "anna@example.com"), ("name", "Anna"), ("metadata[a]", "1"), ("metadata[b]", "2"), ("address[city]", "Oslo"));
        var changed = await stripe.Post($"/v1/customers/{made.Id}", ("name", ""), ("metadata[a]", ""), ("metadata[c]", "3"));
        Assert.Null(changed["name"]);
        Assert.Equal("""{"b":"2","c":"3"}""", changed["metadata"]!.ToJsonString());
        Assert.Equal("Oslo", changed.Text("address", "city"));
        Assert.Equal("anna@example.com", (string)(await stripe.Get("/v1/customers?email=anna@example.com")).Data.Single()["email"]!);
        Assert.Empty((await stripe.Get("/v1/customers?email=ANNA@example.com")).Data);
        Assert.Equal("{}", (await stripe.Post($"/v1/customers/{made.Id}", ("metadata", "")))["metadata"]!.ToJsonString());

        var gone = await stripe.Delete($"/v1/customers/{made.Id}");
        Assert.Equal($$"""{"id":"{{made.Id}}","object":"customer","deleted":true}""", gone.Body.ToJsonString());
        Assert.True((bool)(await stripe.Get($"/v1/customers/{made.Id}"))["deleted"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.Post($"/v1/customers/{made.Id}", ("name", "x"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.CheckoutSession(("customer", made.Id))).Status);
        Assert.Empty((await stripe.Get("/v1/customers")).Data);
        Assert.Equal(["customer.created", "customer.updated", "customer.updated", "customer.deleted"], (await stripe.EventTypes())[..4]);
    }

    [Fact]
    public async Task WhateverIsSentTheAnswerIsWhole()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Post("/v1/customers", ("address[line1]", "1 Way"), ("shipping[name]", "Anna"), ("shipping[address][city]", "Oslo"), ("preferred_locales[]", "nb"),
            ("tax_exempt", "exempt"), ("balance", -500), ("phone", "+47"), ("description", "d"), ("invoice_settings[footer]", "thanks"),
            ("invoice_settings[rendering_options][amount_tax_display]", "exclude_tax"), ("invoice_settings[custom_fields][0][name]", "VAT"), ("invoice_settings[custom_fields][0][value]", "1"));
        Assert.Equal(("Oslo", -500L), (customer.Text("shipping", "address", "city"), customer.Number("balance")));
        var product = await stripe.Post("/v1/products", ("name", "Box"), ("description", "d"), ("images[]", "https://shop.example/box.png"), ("marketing_features[0][name]", "fast"),
            ("package_dimensions[height]", "1.5"), ("package_dimensions[length]", 2), ("package_dimensions[weight]", 3), ("package_dimensions[width]", 4), ("shippable", true), ("url", "https://shop.example/"));
        Assert.Equal(HttpStatusCode.OK, (await stripe.Post($"/v1/products/{product.Id}", ("images", ""), ("package_dimensions", ""), ("active", false))).Status);
        var method = await stripe.Post("/v1/payment_methods", ("type", "card"), ("card[token]", "tok_visa"), ("billing_details[address][country]", "NO"), ("allow_redisplay", "always"));
        var intent = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "eur"), ("shipping[name]", "Anna"), ("shipping[address][line1]", "1 Way"), ("receipt_email", "anna@example.com"),
            ("statement_descriptor_suffix", "CREDITS"), ("setup_future_usage", "off_session"), ("customer", customer.Id), ("payment_method", method.Id),
            ("payment_method_types[]", "card"), ("confirm", true), ("payment_method_options[card][request_three_d_secure]", "any"));
        Assert.Equal("succeeded", intent.Text("status"));
        Assert.Equal("NO", (string)(await stripe.Get("/v1/charges")).Data.Single()["billing_details"]!["address"]!["country"]!);
        Assert.Single((await stripe.Get($"/v1/customers/{customer.Id}/payment_methods")).Data);
        var debit = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"), ("confirm", true), ("payment_method_types[]", "us_bank_account"), ("payment_method_data[type]", "us_bank_account"),
            ("payment_method_data[us_bank_account][account_number]", "000123456789"), ("payment_method_data[us_bank_account][routing_number]", "110000000"),
            ("payment_method_data[us_bank_account][account_holder_type]", "company"), ("payment_method_data[billing_details][name]", "Anna"));
        Assert.Equal("processing", debit.Text("status"));
        var session = await stripe.CheckoutSession(("locale", "nb"), ("submit_type", "pay"), ("allow_promotion_codes", true), ("billing_address_collection", "auto"), ("phone_number_collection[enabled]", true),
            ("adaptive_pricing[enabled]", false), ("ui_mode", "hosted_page"), ("origin_context", "web"), ("customer_email", "anna@example.com"), ("payment_intent_data[description]", "d"),
            ("automatic_tax[enabled]", false), ("invoice_creation[enabled]", false), ("branding_settings[display_name]", "Shop"), ("line_items[0][metadata][a]", "b"));
        Assert.Equal((HttpStatusCode.OK, "nb"), (session.Status, session.Text("locale")));
        Assert.Equal("y", (await stripe.Post($"/v1/checkout/sessions/{session.Id}", ("metadata[x]", "y"))).Text("metadata", "x"));
    }

    [Fact]
    public async Task AnUpdateTellsWhatItWasBefore()
    {
        await using var stripe = await StripeSandbox.Start();
        var made = await stripe.Post("/v1/customers", ("name", "Anna"));
        await stripe.Post($"/v1/customers/{made.Id}", ("name", "Berta"));
        await stripe.Post($"/v1/customers/{made.Id}", ("name", "Berta"));
        var told = Assert.Single((await stripe.Get("/v1/events?type=customer.updated")).Data);
        Assert.Equal(("Berta", """{"name":"Anna"}"""), ((string)told["data"]!["object"]!["name"]!, told["data"]!["previous_attributes"]!.ToJsonString()));
    }

    [Fact]
    public async Task MetadataHasLimits()
    {
        await using var stripe = await StripeSandbox.Start();
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/customers", ("metadata[" + new string('k', 41) + "]", "v"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/customers", ("metadata[k]", new string('v', 501)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/customers", [.. Enumerable.Range(0, 51).Select(at => ($"metadata[k{at}]", (object)"v"))])).Status);
        Assert.Equal(HttpStatusCode.OK, (await stripe.Post("/v1/customers", [.. Enumerable.Range(0, 50).Select(at => ($"metadata[k{at}]", (object)"v"))])).Status);
    }

    [Fact]
    public async Task TheDefaultCardIsOneOfTheirOwn()
    {
        await using var stripe = await StripeSandbox.Start();
        var anna = await stripe.Post("/v1/customers", ("payment_method", "pm_card_visa"));
        var method = (string)(await stripe.Get($"/v1/customers/{anna.Id}/payment_methods")).Data.Single()["id"]!;
        var berta = await stripe.Post("/v1/customers");
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/customers/{berta.Id}", ("invoice_settings[default_payment_method]", method), ("name", "Berta"))).Status);
        Assert.Null((await stripe.Get($"/v1/customers/{berta.Id}"))["name"]);
        await stripe.Post($"/v1/customers/{anna.Id}", ("invoice_settings[default_payment_method]", method));
        var expanded = await stripe.Get($"/v1/customers/{anna.Id}?expand[]=invoice_settings.default_payment_method");
        Assert.Equal("4242", expanded.Text("invoice_settings", "default_payment_method", "card", "last4"));
        await stripe.Post($"/v1/payment_methods/{method}/detach");
        Assert.Null((await stripe.Get($"/v1/customers/{anna.Id}")).At("invoice_settings", "default_payment_method"));
    }

    [Fact]
    public async Task ALookupKeyBelongsToOnePrice()
    {
        await using var stripe = await StripeSandbox.Start();
        var product = await stripe.Post("/v1/products", ("name", "Pro"), ("default_price_data[currency]", "usd"), ("default_price_data[unit_amount]", 900));
        Assert.Equal(900, (await stripe.Get($"/v1/products/{product.Id}?expand[]=default_price")).Number("default_price", "unit_amount"));
        var old = await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount", 999), ("product", product.Id), ("lookup_key", "pro"));
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount", 1099), ("product", product.Id), ("lookup_key", "pro"))).Status);
        var now = await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount", 1099), ("product", product.Id), ("lookup_key", "pro"), ("transfer_lookup_key", true));
        Assert.Equal(now.Id, (string)(await stripe.Get("/v1/prices?lookup_keys[0]=pro&lookup_keys[1]=team")).Data.Single()["id"]!);
        Assert.Null((await stripe.Get($"/v1/prices/{old.Id}"))["lookup_key"]);
        await stripe.Post($"/v1/prices/{old.Id}", ("active", false));
        Assert.DoesNotContain(old.Id, (await stripe.Get($"/v1/prices?active=true&product={product.Id}")).Data.Select(one => (string)one["id"]!));
        var refused = await stripe.Post("/v1/checkout/sessions", ("mode", "payment"), ("success_url", "https://shop.example/"), ("line_items[0][price]", old.Id), ("line_items[0][quantity]", 1));
        Assert.Contains("inactive", (string)refused.Error["message"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Delete($"/v1/products/{product.Id}")).Status);
        Assert.True((bool)(await stripe.Delete($"/v1/products/{(await stripe.Post("/v1/products", ("name", "x"))).Id}"))["deleted"]!);
    }

    [Fact]
    public async Task ARecurringPriceIsNotForOneTimePayments()
    {
        await using var stripe = await StripeSandbox.Start();
        var price = await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount", 999), ("product_data[name]", "Monthly"), ("recurring[interval]", "month"));
        Assert.Equal(("recurring", "month"), (price.Text("type"), price.Text("recurring", "interval")));
        Assert.Single((await stripe.Get("/v1/prices?recurring[interval]=month")).Data);
        Assert.Empty((await stripe.Get("/v1/prices?recurring[interval]=year")).Data);
        var refused = await stripe.Post("/v1/checkout/sessions", ("mode", "payment"), ("success_url", "https://shop.example/"), ("line_items[0][price]", price.Id), ("line_items[0][quantity]", 1));
        Assert.Contains("recurring price", (string)refused.Error["message"]!, StringComparison.Ordinal);
    }
}
