using System.Net;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Cards saved and charged through the API, with the customer there and away.</summary>
public sealed class StripeCardsTests
{
    [Fact]
    public async Task ASavedCardPaysOffSession()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, method) = await Saved(stripe, "4242424242424242");
        var paid = await Charge(stripe, customer, method, ("metadata[recharge_id]", "r-1"), ("description", "Top-up"));

        Assert.Equal((HttpStatusCode.OK, "succeeded", 2000L), (paid.Status, paid.Text("status"), paid.Number("amount_received")));
        Assert.Equal(("r-1", customer, method), (paid.Text("metadata", "recharge_id"), paid.Text("customer"), paid.Text("payment_method")));
        var charge = await stripe.Get($"/v1/charges/{paid.Text("latest_charge")}?expand[]=balance_transaction");
        Assert.Equal((true, "r-1", 2000L, 88L), ((bool)charge["paid"]!, charge.Text("metadata", "recharge_id"), charge.Number("balance_transaction", "amount"), charge.Number("balance_transaction", "fee")));
        Assert.Equal(1912, (await stripe.Get($"/v1/balance_transactions?source={charge.Id}")).Data.Sum(one => (long)one["net"]!));
        Assert.Equal(["customer.created", "payment_method.attached", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded"], await stripe.EventTypes());
    }

    [Theory]
    [InlineData("pm_card_chargeDeclined", "card_declined", "generic_decline", "try_again_later")]
    [InlineData("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "try_again_later")]
    [InlineData("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "do_not_try_again")]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data")]
    public async Task ADeclineNamesItsReasonAndItsIntent(string name, string code, string declineCode, string advice)
    {
        await using var stripe = await StripeSandbox.Start();
        var declined = await stripe.Post("/v1/payment_intents", ("amount", 2000), ("currency", "usd"), ("payment_method", name), ("payment_method_types[]", "card"), ("confirm", true));

        Assert.Equal(HttpStatusCode.PaymentRequired, declined.Status);
        var error = declined.Error;
        Assert.Equal(("card_error", code, declineCode, advice), ((string)error["type"]!, (string)error["code"]!, (string)error["decline_code"]!, (string)error["advice_code"]!));
        var intent = await stripe.Get($"/v1/payment_intents/{(string)error["payment_intent"]!["id"]!}");
        Assert.Equal(("requires_payment_method", code), (intent.Text("status"), intent.Text("last_payment_error", "code")));
        Assert.Equal(error["payment_intent"]!.ToJsonString(), intent.Body.ToJsonString());
        var charge = await stripe.Get($"/v1/charges/{(string)error["charge"]!}");
        Assert.Equal(("failed", code, false), (charge.Text("status"), charge.Text("failure_code"), (bool)charge["paid"]!));

        var retried = await stripe.Post($"/v1/payment_intents/{intent.Id}/confirm", ("payment_method", "pm_card_visa"));
        Assert.Equal(("succeeded", intent.Id), (retried.Text("status"), retried.Id));
        var again = await stripe.Post($"/v1/payment_intents/{intent.Id}/confirm", ("payment_method", "pm_card_visa"));
        Assert.Equal((HttpStatusCode.BadRequest, "payment_intent_unexpected_state"), (again.Status, (string)again.Error["code"]!));
        Assert.Equal(["payment_intent.created", "charge.failed", "payment_intent.payment_failed", "charge.succeeded", "payment_intent.succeeded"], await stripe.EventTypes());
    }

    [Fact]
    public async Task ACardThatAttachesMayStillFail()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, method) = await Saved(stripe, "4000000000000341");
        var declined = await Charge(stripe, customer, method);
        Assert.Equal((HttpStatusCode.PaymentRequired, "generic_decline"), (declined.Status, (string)declined.Error["decline_code"]!));
        Assert.Single((await stripe.Get($"/v1/customers/{customer}/payment_methods")).Data);
    }

    [Fact]
    public async Task ACardThatDeclinesIsNotSaved()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Post("/v1/customers");
        var refused = await stripe.Post("/v1/payment_methods/pm_card_chargeDeclined/attach", ("customer", customer.Id));
        Assert.Equal((HttpStatusCode.PaymentRequired, "card_declined"), (refused.Status, (string)refused.Error["code"]!));
        Assert.Empty((await stripe.Get($"/v1/customers/{customer.Id}/payment_methods")).Data);
    }

    [Fact]
    public async Task ABankThatAsksRefusesWhileTheCustomerIsAway()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, method) = await Saved(stripe, "4000002500003155");
        var away = await Charge(stripe, customer, method);
        Assert.Equal((HttpStatusCode.PaymentRequired, "authentication_required"), (away.Status, (string)away.Error["code"]!));
        var intent = (string)away.Error["payment_intent"]!["id"]!;

        var here = await stripe.Post($"/v1/payment_intents/{intent}/confirm", ("payment_method", method), ("return_url", "https://shop.example/done?x=1"));
        Assert.Equal(("requires_action", "redirect_to_url"), (here.Text("status"), here.Text("next_action", "type")));
        using var page = await stripe.Http.GetAsync(here.Text("next_action", "redirect_to_url", "url"));
        Assert.Contains("20.00 USD", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("answer", "yes")]);
        using var back = await stripe.Http.PostAsync(here.Text("next_action", "redirect_to_url", "url"), form);
        Assert.StartsWith($"https://shop.example/done?x=1&payment_intent={intent}&", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.EndsWith("redirect_status=succeeded", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal("succeeded", (await stripe.Get($"/v1/payment_intents/{intent}")).Text("status"));
    }

    [Fact]
    public async Task WhoDoesNotWantToWaitGetsAnErrorInsteadOfAnAction()
    {
        await using var stripe = await StripeSandbox.Start();
        var refused = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"), ("payment_method", "pm_card_authenticationRequired"),
            ("payment_method_types[]", "card"), ("confirm", true), ("error_on_requires_action", true));
        Assert.Equal((HttpStatusCode.PaymentRequired, "authentication_required", "requires_payment_method"),
            (refused.Status, (string)refused.Error["code"]!, (string)refused.Error["payment_intent"]!["status"]!));
        Assert.Null(refused.Error["charge"]);
    }

    [Theory]
    [InlineData("succeeded", "succeeded")]
    [InlineData("failed", "requires_payment_method")]
    public async Task ABankDebitIsProcessingUntilTheBankSpeaks(string outcome, string status)
    {
        await using var stripe = await StripeSandbox.Start();
        var begun = await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"), ("payment_method", "pm_usBankAccount_success"),
            ("payment_method_types[]", "us_bank_account"), ("confirm", true));
        Assert.Equal("processing", begun.Text("status"));
        await stripe.Control($"/stripe/payment_intents/{begun.Id}/async", new { outcome });
        var settled = await stripe.Get($"/v1/payment_intents/{begun.Id}");
        Assert.Equal(status, settled.Text("status"));
        Assert.Equal(outcome, (await stripe.Get($"/v1/charges/{settled.Text("latest_charge")}")).Text("status"));
    }

    [Fact]
    public async Task AReservationIsCapturedOnceAndInPart()
    {
        await using var stripe = await StripeSandbox.Start();
        var held = await stripe.Post("/v1/payment_intents", ("amount", 2000), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("payment_method_types[]", "card"),
            ("confirm", true), ("capture_method", "manual"));
        Assert.Equal(("requires_capture", 2000L, 0L), (held.Text("status"), held.Number("amount_capturable"), held.Number("amount_received")));
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/refunds", ("payment_intent", held.Id))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_intents/{held.Id}/capture", ("amount_to_capture", 2001))).Status);
        var taken = await stripe.Post($"/v1/payment_intents/{held.Id}/capture", ("amount_to_capture", 1500));
        Assert.Equal(("succeeded", 1500L, 0L), (taken.Text("status"), taken.Number("amount_received"), taken.Number("amount_capturable")));
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_intents/{held.Id}/capture")).Status);
        Assert.Equal(1500, (await stripe.Post("/v1/refunds", ("payment_intent", held.Id))).Number("amount"));
    }

    [Fact]
    public async Task AnIntentIsCanceledWhileItIsOpen()
    {
        await using var stripe = await StripeSandbox.Start();
        var open = await stripe.Post("/v1/payment_intents", ("amount", 2000), ("currency", "usd"));
        Assert.Equal(("requires_payment_method", true), (open.Text("status"), (bool)open.At("automatic_payment_methods", "enabled")!));
        await stripe.Post($"/v1/payment_intents/{open.Id}", ("amount", 2500), ("metadata[a]", "b"), ("payment_method", "pm_card_visa"));
        var canceled = await stripe.Post($"/v1/payment_intents/{open.Id}/cancel", ("cancellation_reason", "abandoned"));
        Assert.Equal(("canceled", "abandoned", 2500L), (canceled.Text("status"), canceled.Text("cancellation_reason"), canceled.Number("amount")));
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_intents/{open.Id}/cancel")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_intents/{open.Id}", ("amount", 100))).Status);
        Assert.Equal("c", (await stripe.Post($"/v1/payment_intents/{open.Id}", ("metadata[a]", "c"))).Text("metadata", "a"));
    }

    [Theory]
    [InlineData("amount", "0", "parameter_invalid_integer", "amount")]
    [InlineData("amount", "10", "amount_too_small", "amount")]
    [InlineData("amount", "100000000", "amount_too_large", "amount")]
    [InlineData("currency", "doubloons", null, "currency")]
    [InlineData("payment_method", "pm_none", "resource_missing", "payment_method")]
    [InlineData("customer", "", "parameter_invalid_empty", "customer")]
    [InlineData("payment_method_types[]", "us_bank_account", null, "payment_method")]
    [InlineData("automatic_payment_methods[enabled]", "true", null, "payment_method_types")]
    public async Task AWrongIntentIsRefusedAndNothingIsMade(string name, string value, string? code, string param)
    {
        await using var stripe = await StripeSandbox.Start();
        var form = new Dictionary<string, object>
        {
            ["amount"] = 500,
            ["currency"] = "usd",
            ["payment_method"] = "pm_card_visa",
            ["payment_method_types[]"] = "card",
            ["confirm"] = true,
            [name] = value,
        };
        var refused = await stripe.Post("/v1/payment_intents", [.. form.Select(one => (one.Key, one.Value))]);
        Assert.Equal((HttpStatusCode.BadRequest, code, param), (refused.Status, (string?)refused.Error["code"], (string)refused.Error["param"]!));
        Assert.Empty((await stripe.Get("/v1/payment_intents")).Data);
        Assert.Empty((await stripe.Get("/v1/events")).Data);
    }

    [Fact]
    public async Task WithoutABrowserTheMethodsAreChosen()
    {
        await using var stripe = await StripeSandbox.Start();
        (string, object)[] form = [("amount", 500), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", true)];
        Assert.Equal("return_url", (string)(await stripe.Post("/v1/payment_intents", form)).Error["param"]!);
        Assert.Equal("off_session", (string)(await stripe.Post("/v1/payment_intents", ("amount", 500), ("currency", "usd"), ("off_session", true))).Error["param"]!);
        var paid = await stripe.Post("/v1/payment_intents", [.. form, ("automatic_payment_methods[enabled]", true), ("automatic_payment_methods[allow_redirects]", "never")]);
        Assert.Equal("succeeded", paid.Text("status"));
    }

    [Fact]
    public async Task ACardBelongsToOneCustomerAndIsSpentWithoutOne()
    {
        await using var stripe = await StripeSandbox.Start();
        var (anna, method) = await Saved(stripe, "4242424242424242");
        var berta = await stripe.Post("/v1/customers");
        Assert.Equal(HttpStatusCode.BadRequest, (await Charge(stripe, berta.Id, method)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_methods/{method}/attach", ("customer", berta.Id))).Status);
        Assert.Equal(HttpStatusCode.OK, (await stripe.Post($"/v1/payment_methods/{method}/attach", ("customer", anna))).Status);
        await stripe.Post($"/v1/payment_methods/{method}/detach");
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/payment_methods/{method}/attach", ("customer", anna))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Charge(stripe, anna, method)).Status);

        var once = await stripe.Post("/v1/payment_methods", ("type", "card"), ("card[number]", "4242424242424242"), ("card[exp_month]", 12), ("card[exp_year]", 2030));
        (string, object)[] form = [("amount", 500), ("currency", "usd"), ("payment_method", once.Id), ("payment_method_types[]", "card"), ("confirm", true)];
        Assert.Equal(HttpStatusCode.OK, (await stripe.Post("/v1/payment_intents", form)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/payment_intents", form)).Status);
    }

    [Theory]
    [InlineData("4242424242424241", 12, 2030, "incorrect_number")]
    [InlineData("4111111111111111", 12, 2030, "card_declined")]
    [InlineData("4242424242424242", 13, 2030, "invalid_expiry_month")]
    [InlineData("4242424242424242", 12, 2020, "invalid_expiry_year")]
    public async Task ACardThatCannotBeIsRefused(string number, int month, int year, string code)
    {
        await using var stripe = await StripeSandbox.Start();
        var refused = await stripe.Post("/v1/payment_methods", ("type", "card"), ("card[number]", number), ("card[exp_month]", month), ("card[exp_year]", year), ("card[cvc]", "123"));
        Assert.Equal((HttpStatusCode.PaymentRequired, code), (refused.Status, (string)refused.Error["code"]!));
    }

    [Fact]
    public async Task OneCardHasOneFingerprint()
    {
        await using var stripe = await StripeSandbox.Start();
        var first = await Saved(stripe, "4242424242424242");
        var second = await Saved(stripe, "4242424242424242");
        var other = await Saved(stripe, "5555555555554444");
        var prints = new List<string>();
        foreach (var method in new[] { first.Method, second.Method, other.Method })
        {
            prints.Add((await stripe.Get($"/v1/payment_methods/{method}")).Text("card", "fingerprint"));
        }

        Assert.Equal(prints[0], prints[1]);
        Assert.NotEqual(prints[0], prints[2]);
    }

    [Fact]
    public async Task ASetupIntentSavesACard()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Post("/v1/customers");
        var setup = await stripe.Post("/v1/setup_intents", ("customer", customer.Id), ("automatic_payment_methods[enabled]", true), ("metadata[a]", "b"));
        Assert.Equal("requires_payment_method", setup.Text("status"));
        Assert.StartsWith(setup.Id + "_secret_", setup.Text("client_secret"), StringComparison.Ordinal);

        var declined = await stripe.Post($"/v1/setup_intents/{setup.Id}/confirm", ("payment_method", "pm_card_chargeDeclined"));
        Assert.Equal((HttpStatusCode.PaymentRequired, setup.Id), (declined.Status, (string)declined.Error["setup_intent"]!["id"]!));
        var asked = await stripe.Control($"/stripe/setup_intents/{setup.Id}", new { card = "4000002500003155" });
        Assert.Equal("requires_action", (string)asked["status"]!);
        var done = await stripe.Control($"/stripe/setup_intents/{setup.Id}/authenticate", new { outcome = "succeeded" });
        Assert.Equal("succeeded", (string)done["status"]!);
        Assert.Equal("3155", (string)(await stripe.Get($"/v1/payment_methods?customer={customer.Id}&type=card")).Data.Single()["card"]!["last4"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/setup_intents/{setup.Id}/cancel")).Status);
        Assert.Equal(["setup_intent.created", "setup_intent.setup_failed", "setup_intent.requires_action", "payment_method.attached", "setup_intent.succeeded"], (await stripe.EventTypes())[1..]);

        var other = await stripe.Post("/v1/setup_intents", ("customer", customer.Id), ("payment_method", "pm_card_visa"), ("confirm", true), ("payment_method_types[]", "card"));
        Assert.Equal("succeeded", other.Text("status"));
        var third = await stripe.Post("/v1/setup_intents");
        Assert.Equal("canceled", (await stripe.Post($"/v1/setup_intents/{third.Id}/cancel")).Text("status"));
    }

    private static async Task<(string Customer, string Method)> Saved(StripeSandbox stripe, string number)
    {
        var customer = await stripe.Post("/v1/customers");
        var method = await stripe.Post("/v1/payment_methods", ("type", "card"), ("card[number]", number), ("card[exp_month]", 12), ("card[exp_year]", 2030), ("card[cvc]", "123"));
        var attached = await stripe.Post($"/v1/payment_methods/{method.Id}/attach", ("customer", customer.Id));
        Assert.Equal((HttpStatusCode.OK, customer.Id), (attached.Status, attached.Text("customer")));
        return (customer.Id, method.Id);
    }

    private static Task<StripeAnswer> Charge(StripeSandbox stripe, string customer, string method, params (string, object)[] more) => stripe.Post("/v1/payment_intents",
    [
        ("amount", 2000), ("currency", "usd"), ("customer", customer), ("payment_method", method), ("off_session", true), ("confirm", true),
        ("error_on_requires_action", true), ("payment_method_types[]", "card"), .. more,
    ]);
}
