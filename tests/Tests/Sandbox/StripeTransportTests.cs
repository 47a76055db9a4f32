using System.Net;
using System.Text;
using Xunit;

namespace Tests.Sandbox;

/// <summary>What every call has in common: the key, the version, forms, refusals, lists, expansion.</summary>
public sealed class StripeTransportTests
{
    [Theory]
    [InlineData(null, "You did not provide an API key")]
    [InlineData("Bearer", "You did not provide an API key")]
    [InlineData("Bearer nonsense", "Invalid API Key provided")]
    [InlineData("Bearer pk_test_1", "Invalid API Key provided")]
    [InlineData("Basic !!!", "Invalid API Key provided")]
    [InlineData("Bearer sk_live_secret_of_somebody", "a live key must never reach it")]
    public async Task WithoutATestKeyNothingIsDone(string? authorization, string reason)
    {
        await using var stripe = await StripeSandbox.Start();
        var refused = await stripe.Send(HttpMethod.Post, "/v1/customers", [], authorization: authorization);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_request_error"), (refused.Status, (string)refused.Error["type"]!));
        Assert.Contains(reason, (string)refused.Error["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("secret_of_somebody", refused.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await stripe.Get("/v1/customers")).Data);
    }

    [Theory]
    [InlineData("Bearer sk_test_anything")]
    [InlineData("Basic c2tfdGVzdF8xMjM6")]
    public async Task AnyTestKeyWillDo(string authorization)
    {
        await using var stripe = await StripeSandbox.Start();
        Assert.Equal(HttpStatusCode.OK, (await stripe.Send(HttpMethod.Get, "/v1/customers", authorization: authorization)).Status);
    }

    [Fact]
    public async Task TheVersionIsEchoedAndWrittenIntoEvents()
    {
        await using var stripe = await StripeSandbox.Start();
        var pinned = await stripe.Post("/v1/customers");
        Assert.Equal("2026-08-26.dahlia", pinned.Headers.GetValues("Stripe-Version").Single());
        var newer = await stripe.Send(HttpMethod.Post, "/v1/customers", [], version: "2026-10-28.endive");
        Assert.Equal("2026-10-28.endive", newer.Headers.GetValues("Stripe-Version").Single());
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Send(HttpMethod.Get, "/v1/customers", version: "tomorrow")).Status);
        var events = await stripe.Get("/v1/events");
        Assert.Equal(["2026-10-28.endive", "2026-08-26.dahlia"], events.Data.Select(one => (string)one["api_version"]!));
    }

    [Theory]
    [InlineData("emial=a", "parameter_unknown", "emial", "Received unknown parameter: emial")]
    [InlineData("address[street]=a", "parameter_unknown", "address[street]", "Received unknown parameter: address[street]")]
    [InlineData("a=1&b=2", "parameter_unknown", "a", "Received unknown parameters: a, b")]
    [InlineData("email%21=a", "parameter_unknown", "email!", "Received unknown parameter: email!")]
    [InlineData("balance=ten", "parameter_invalid_integer", "balance", "Invalid integer: ten")]
    [InlineData("balance=", "parameter_invalid_empty", "balance", "You passed an empty string for 'balance'")]
    [InlineData("balance=99999999999999999999", "parameter_invalid_integer", "balance", "Invalid integer")]
    [InlineData("tax_exempt=maybe", null, "tax_exempt", "must be one of exempt, none, reverse")]
    [InlineData("address=here", null, "address", "Invalid object")]
    [InlineData("preferred_locales=de", null, "preferred_locales", "Invalid array")]
    [InlineData("metadata[a][b]=c", null, "metadata[a]", "Invalid string")]
    [InlineData("metadata=x&metadata[a]=b", null, "metadata[a]", "both as a value and as an object")]
    [InlineData("metadata[a=b", null, null, "Invalid parameter name")]
    [InlineData("email=nobody", "email_invalid", "email", "Invalid email address")]
    [InlineData("test_clock=clock_1", "sandbox_not_played", "test_clock", "does not play test_clock")]
    [InlineData("payment_method=pm_none", "resource_missing", "payment_method", "No such PaymentMethod: 'pm_none'")]
    public async Task WhatDoesNotFitIsNamed(string form, string? code, string? param, string message)
    {
        await using var stripe = await StripeSandbox.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/stripe/v1/customers") { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
        var refused = await stripe.Send(request);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error"), (refused.Status, (string)refused.Error["type"]!));
        Assert.Equal((code, param), ((string?)refused.Error["code"], (string?)refused.Error["param"]));
        Assert.Contains(message, (string)refused.Error["message"]!, StringComparison.Ordinal);
        Assert.Equal("false", refused.Headers.GetValues("Stripe-Should-Retry").Single());
        Assert.Empty((await stripe.Get("/v1/customers")).Data);
    }

    [Fact]
    public async Task WhatIsMissingIsNamed()
    {
        await using var stripe = await StripeSandbox.Start();
        var refused = await stripe.Post("/v1/payment_intents", ("amount", 100));
        Assert.Equal(("parameter_missing", "currency", "Missing required param: currency."), ((string)refused.Error["code"]!, (string)refused.Error["param"]!, (string)refused.Error["message"]!));
        var nested = await stripe.Post("/v1/products", ("name", "x"), ("default_price_data[unit_amount]", 5));
        Assert.Equal("default_price_data[currency]", (string)nested.Error["param"]!);
    }

    [Theory]
    [InlineData("GET", "/v1/customers/cus_none", "No such customer: 'cus_none'", "id")]
    [InlineData("GET", "/v1/checkout/sessions/cs_none", "No such checkout.session: 'cs_none'", "session")]
    [InlineData("GET", "/v1/payment_intents/pi_none", "No such payment_intent: 'pi_none'", "intent")]
    [InlineData("POST", "/v1/refunds/re_none", "No such refund: 're_none'", "refund")]
    [InlineData("DELETE", "/v1/customers/cus_none", "No such customer: 'cus_none'", "id")]
    public async Task WhatIsNotThereIs404(string method, string path, string message, string param)
    {
        await using var stripe = await StripeSandbox.Start();
        var missing = await stripe.Send(new HttpMethod(method), path);
        Assert.Equal((HttpStatusCode.NotFound, "resource_missing"), (missing.Status, (string)missing.Error["code"]!));
        Assert.Equal((message, param), ((string)missing.Error["message"]!, (string)missing.Error["param"]!));
    }

    [Fact]
    public async Task NumbersAreNamesWhereNoListIsWanted()
    {
        await using var stripe = await StripeSandbox.Start();
        var made = await stripe.Post("/v1/customers", ("metadata[0]", "zero"), ("metadata[7]", "seven"), ("metadata[*]", "star"), ("preferred_locales[1]", "de"), ("preferred_locales[0]", "en"));
        Assert.Equal("""{"0":"zero","7":"seven","*":"star"}""", made["metadata"]!.ToJsonString());
        Assert.Equal("""["en","de"]""", made["preferred_locales"]!.ToJsonString());
    }

    [Fact]
    public async Task AnAddressThatIsNotPlayedSaysSo()
    {
        await using var stripe = await StripeSandbox.Start();
        var refused = await stripe.Get("/v1/payouts");
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Contains("Unrecognized request URL (GET: /v1/payouts)", (string)refused.Error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JsonIsNotAForm()
    {
        await using var stripe = await StripeSandbox.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/stripe/v1/customers") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Send(request)).Status);
    }

    [Fact]
    public async Task StripesOwnLibrariesReachItWithoutAPrefix()
    {
        await using var stripe = await StripeSandbox.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(stripe.Address, "/v1/customers"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer sk_test_1");
        using var answer = await stripe.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task ListsGoBackwardsInTimeAndBothWaysByCursor()
    {
        await using var stripe = await StripeSandbox.Start();
        var ids = new List<string>();
        for (var at = 0; at < 5; at++)
        {
            ids.Insert(0, (await stripe.Post("/v1/customers", ("metadata[at]", at))).Id);
        }

        var first = await stripe.Get("/v1/customers?limit=2");
        Assert.Equal(("list", "/v1/customers", true), (first.Text("object"), first.Text("url"), (bool)first["has_more"]!));
        Assert.Equal(ids[..2], Ids(first));
        var second = await stripe.Get($"/v1/customers?limit=3&starting_after={ids[1]}");
        Assert.Equal(ids[2..], Ids(second));
        Assert.False((bool)second["has_more"]!);
        var back = await stripe.Get($"/v1/customers?limit=2&ending_before={ids[3]}");
        Assert.Equal(ids[1..3], Ids(back));
        Assert.True((bool)back["has_more"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Get("/v1/customers?limit=101")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Get("/v1/customers?starting_after=cus_none")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Get($"/v1/customers?starting_after={ids[0]}&ending_before={ids[1]}")).Status);
        Assert.Empty((await stripe.Get("/v1/customers?created[lt]=1000")).Data);
        Assert.Equal(5, (await stripe.Get("/v1/customers?created[gte]=1000")).Data.Count);
    }

    [Fact]
    public async Task ExpansionReplacesIdsByObjects()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Post("/v1/customers", ("payment_method", "pm_card_visa"));
        var method = (string)(await stripe.Get($"/v1/customers/{customer.Id}/payment_methods")).Data.Single()["id"]!;
        var intent = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"), ("customer", customer.Id), ("payment_method", method),
            ("payment_method_types[0]", "card"), ("confirm", true), ("expand[0]", "latest_charge.balance_transaction"), ("expand[1]", "customer"), ("expand[]", "payment_method"));
        Assert.Equal(("charge", "balance_transaction", customer.Id, "4242"), (intent.Text("latest_charge", "object"),
            intent.Text("latest_charge", "balance_transaction", "object"), intent.Text("customer", "id"), intent.Text("payment_method", "card", "last4")));
        var list = await stripe.Get("/v1/payment_intents?expand[]=data.customer");
        Assert.Equal(customer.Id, (string)list.Data.Single()["customer"]!["id"]!);
        var deep = await stripe.Get($"/v1/charges/{intent.Text("latest_charge", "id")}?expand[]=payment_intent.latest_charge.customer");
        Assert.Equal(customer.Id, deep.Text("payment_intent", "latest_charge", "customer", "id"));
        foreach (var wrong in new[] { "metadata", "nothing", "latest_charge.payment_method", "latest_charge.customer.invoice_settings", "a.b.c.d.e", "" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Get($"/v1/payment_intents/{intent.Id}?expand[]={wrong}")).Status);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/products", ("name", "never made"), ("expand[]", "metadata"))).Status);
        Assert.Empty((await stripe.Get("/v1/products")).Data);

        Assert.Contains("data.customer", (string)(await stripe.Get("/v1/payment_intents?expand[]=customer")).Error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmptyWorldIsEmpty()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Send(HttpMethod.Post, "/v1/customers", [], "key-1");
        await stripe.Paid();
        await stripe.TryControl("/reset");
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.Get($"/v1/customers/{customer.Id}")).Status);
        Assert.Empty((await stripe.Get("/v1/events")).Data);
        Assert.NotEqual(customer.Id, (await stripe.Send(HttpMethod.Post, "/v1/customers", [], "key-1")).Id);
    }

    private static IEnumerable<string> Ids(StripeAnswer list) => list.Data.Select(one => (string)one["id"]!);
}
