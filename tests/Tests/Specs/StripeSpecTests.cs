using System.Text;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Tests.Specs;

/// <summary>The validator itself, on Stripe: what is right passes, and each kind of mistake is named.</summary>
public sealed class StripeSpecTests
{
    private const string Checkout =
        "mode=payment&customer=cus_1&client_reference_id=order_1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=999"
        + "&line_items[0][price_data][product_data][name]=Pro+pack&line_items[0][quantity]=1&success_url=https%3A%2F%2Fexample.com%2Fback%3Fid%3D%7BCHECKOUT_SESSION_ID%7D"
        + "&payment_intent_data[metadata][order_id]=order_1&metadata[order_id]=order_1&metadata[0]=zero&expand[]=payment_intent&expand[]=customer&automatic_tax[enabled]=false";

    [Theory]
    [InlineData("POST", "/v1/checkout/sessions", null, Checkout)]
    [InlineData("POST", "/v1/customers", null, "email=a%40example.com&description=&metadata[account_id]=12&metadata[old]=&address=")]
    [InlineData("POST", "/v1/customers", null, "")]
    [InlineData("POST", "/v1/customers", null, "expand[0]=sources")]
    [InlineData("POST", "/v1/payment_intents", null, "amount=500&currency=usd&off_session=true&confirm=true&payment_method_types[]=card")]
    [InlineData("GET", "/v1/checkout/sessions/cs_1/line_items", "?limit=100", null)]
    [InlineData("GET", "/v1/events", "?types[]=charge.refunded&types[]=refund.failed&delivery_success=false&created[gte]=1700000000", null)]
    [InlineData("GET", "/v1/events", "created=1700000000", null)]
    [InlineData("DELETE", "/v1/customers/cus_1", null, null)]
    public async Task WhatStripeTakesPasses(string method, string path, string? query, string? form) =>
        Assert.Null(await CheckRequest(method, path, query, form));

    [Theory]
    [InlineData("POST", "/v1/checkout/session", null, Checkout, "POST /v1/checkout/session: the specification has no such operation.")]
    [InlineData("POST", "/v1/checkout/sessions", null, Checkout + "&sucess_url=x", "the parameter sucess_url is not in the specification")]
    [InlineData("POST", "/v1/checkout/sessions", null, Checkout + "&line_items[0][amount]=5", "the parameter line_items[0].amount is not in the specification")]
    [InlineData("POST", "/v1/checkout/sessions", null, "mode=payments", "the parameter mode is \"payments\", not one of payment, setup, subscription")]
    [InlineData("POST", "/v1/checkout/sessions", null, "line_items[0][quantity]=one", "the parameter line_items[0].quantity should be an integer, not \"one\"")]
    [InlineData("POST", "/v1/checkout/sessions", null, "automatic_tax[enabled]=yes", "the parameter automatic_tax.enabled should be true or false, not \"yes\"")]
    [InlineData("POST", "/v1/checkout/sessions", null, "line_items[quantity]=1", "the parameter line_items should be a list")]
    [InlineData("POST", "/v1/checkout/sessions", null, "payment_intent_data=x", "the parameter payment_intent_data should be an object, not \"x\"")]
    [InlineData("POST", "/v1/customers", null, "address[street]=x", "the parameter address.street is not in the specification")]
    [InlineData("POST", "/v1/customers", null, "email=a&email=b", "the parameter email is given more than once")]
    [InlineData("POST", "/v1/customers", null, "metadata=x&metadata[a]=b", "the parameter metadata[a] stands beside a plain value of the same name")]
    [InlineData("POST", "/v1/customers", null, "metadata[a=b", "the name metadata[a has brackets that do not match")]
    [InlineData("POST", "/v1/payment_intents", null, "currency=usd", "the parameter amount is missing")]
    [InlineData("POST", "/v1/payment_intents", null, "amount=5.5&currency=usd", "the parameter amount should be an integer, not \"5.5\"")]
    [InlineData("GET", "/v1/events", "?typs[]=charge.refunded", null, "the query parameter typs is not in the specification")]
    [InlineData("GET", "/v1/events", "?limit=ten", null, "the query parameter limit should be an integer, not \"ten\"")]
    [InlineData("POST", "/v1/customers", "?expand[]=x", "", "the query parameter expand is not in the specification")]
    [InlineData("GET", "/v1/events", null, "type=x", "there should be no body")]
    public async Task WhatStripeRefusesIsNamed(string method, string path, string? query, string? form, string violation) =>
        Assert.Contains(violation, await CheckRequest(method, path, query, form), StringComparison.Ordinal);

    [Fact]
    public async Task AFormIsNotJson()
    {
        var violation = (await ProviderSpecs.Stripe).CheckRequest("POST", "/v1/customers", null, "application/json", "{}"u8.ToArray());
        Assert.Contains("the body is application/json, not application/x-www-form-urlencoded", violation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswersAreHeldAgainstTheirSchema()
    {
        Assert.Null(await CheckAnswer(200, Refund()));
        Assert.Null(await CheckAnswer(402, new JObject { ["error"] = new JObject { ["type"] = "card_error", ["code"] = "card_declined" } }));
        await Refused("the field amount should be an integer, not \"5\"", r => r["amount"] = "5");
        await Refused("the field created is missing", r => r.Remove("created"));
        await Refused("the field object is \"refunds\", not one of refund", r => r["object"] = "refunds");
        await Refused("the field currency should be a string, not null", r => r["currency"] = JValue.CreateNull());
        await Refused("the field charge.id is missing", r => r["charge"] = new JObject { ["object"] = "charge" });
        Assert.Contains("the field error is missing", await CheckAnswer(402, []), StringComparison.Ordinal);
        Assert.Contains("the field error.type is \"decline\"", await CheckAnswer(402, new JObject { ["error"] = new JObject { ["type"] = "decline" } }), StringComparison.Ordinal);

        async Task Refused(string violation, Action<JObject> mutate)
        {
            var refund = Refund();
            mutate(refund);
            Assert.Contains(violation, await CheckAnswer(200, refund), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnAnswerThatIsNotJsonIsNamed()
    {
        var stripe = await ProviderSpecs.Stripe;
        Assert.Contains("the body is not JSON", stripe.CheckAnswer("GET", "/v1/refunds/re_1", 200, "application/json", "{\"id\":"u8.ToArray()), StringComparison.Ordinal);
        Assert.Null(stripe.CheckAnswer("GET", "/v1/nothing", 404, "application/json", """{"error":{"type":"invalid_request_error"}}"""u8.ToArray()));
        Assert.Contains("the field error is missing", stripe.CheckAnswer("GET", "/v1/nothing", 404, "application/json", "{}"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("has no such operation", stripe.CheckAnswer("GET", "/v1/nothing", 200, "application/json", "{}"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("the body is text/html", stripe.CheckAnswer("GET", "/v1/refunds/re_1", 200, "text/html", "<p>"u8.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEventAndTheObjectInItAreChecked()
    {
        Assert.Null(await CheckEvent("refund.created", Refund()));
        Assert.Contains("the field type is \"refund.made\"", await CheckEvent("refund.made", Refund()), StringComparison.Ordinal);
        var refund = Refund();
        refund["amount"] = "5";
        Assert.Equal("refund: the field amount should be an integer, not \"5\".", await CheckEvent("refund.created", refund));
    }

    private static Task<string?> CheckEvent(string type, JObject inside) => StripeEvents.Check(Encoding.UTF8.GetBytes(new JObject
    {
        ["id"] = "evt_1",
        ["object"] = "event",
        ["type"] = type,
        ["created"] = 1763625600,
        ["livemode"] = false,
        ["pending_webhooks"] = 1,
        ["api_version"] = null,
        ["data"] = new JObject { ["object"] = inside },
        ["request"] = null,
    }.ToString()));

    private static JObject Refund() => new()
    {
        ["id"] = "re_1",
        ["object"] = "refund",
        ["amount"] = 500,
        ["created"] = 1763625600,
        ["customer"] = "cus_1",
        ["customer_account"] = null,
        ["currency"] = "usd",
        ["charge"] = "ch_1",
        ["balance_transaction"] = null,
        ["metadata"] = new JObject { ["order_id"] = "order_1" },
        ["payment_intent"] = "pi_1",
        ["payment_method"] = "pm_1",
        ["reason"] = null,
        ["receipt_number"] = null,
        ["source_transfer_reversal"] = null,
        ["status"] = "succeeded",
        ["transfer_reversal"] = null,
    };

    private static async Task<string?> CheckRequest(string method, string path, string? query, string? form) =>
        (await ProviderSpecs.Stripe).CheckRequest(
            method, path, query, form is null ? null : SpecBody.Form + "; charset=utf-8", Encoding.UTF8.GetBytes(form ?? ""));

    private static async Task<string?> CheckAnswer(int status, JObject body) =>
        (await ProviderSpecs.Stripe).CheckAnswer("POST", "/v1/refunds", status, "application/json; charset=utf-8", Encoding.UTF8.GetBytes(body.ToString()));
}
