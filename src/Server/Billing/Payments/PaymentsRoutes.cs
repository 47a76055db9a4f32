using Ledgerline.Http;

namespace Ledgerline.Billing.Payments;

/// <summary>The routes of what is paid once, and of saved cards.</summary>
internal static class PaymentsRoutes
{
    private const string Card = "pm_1TestCard";
    private const string Unreachable = "the payment provider cannot be reached";
    private const string Running = "A request with this Idempotency-Key is still being processed";

    public static void MapPayments(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("/payments").WithTags("Payments").RequireAuthorization().WithMetadata(FlatValidation.Form);
        MapIntents(routes);
        MapCards(routes.MapGroup("").WithMetadata(RateLimit.Everything));
    }

    private static void MapIntents(RouteGroupBuilder routes)
    {
        routes.MapPost("/create-payment-intent", CreatePaymentIntent.Handle)
            .WithMetadata(RateLimit.Purchases)
            .WithName("CreatePaymentIntent")
            .WithSummary("Pay an amount once")
            .WithDescription(
                "Opens a payment at Stripe; the browser pays it with `client_secret`. `amount` is in cents, 50 to 999999. Asking for the same again within half "
                + "a minute answers the same payment, so that clicking twice pays once. `metadata` has up to 50 entries; `account_id` among them is ours.")
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same payment.", "7d0c1a52")
            .ExampleRequest(new { amount = 1999, currency = "usd", description = CreatePaymentIntent.DefaultDescription, metadata = new { campaign = "autumn" } })
            .Produces<CreatePaymentIntent.Answer>()
            .Example(new CreatePaymentIntent.Answer(true, "pi_3Test_secret_AbC", "pi_3Test"))
            .Refuses(StatusCodes.Status400BadRequest, "the currency is not taken here", $"{CreatePaymentIntent.Failed}: the currency must be usd")
            .Refuses(StatusCodes.Status400BadRequest, "Stripe did not open it; nothing is charged", $"{CreatePaymentIntent.Failed}: {Unreachable}")
            .Refuses(StatusCodes.Status409Conflict, "the first request with this key is still running", Running)
            .Refuses(StatusCodes.Status503ServiceUnavailable, "payments are not configured", $"{CreatePaymentIntent.Failed}: payments are not configured");

        routes.MapPost("/setup-intent", CreateSetupIntent.Handle)
            .WithMetadata(RateLimit.Purchases)
            .WithName("CreateSetupIntent")
            .WithSummary("Save a card without paying")
            .WithDescription("The browser saves a card at Stripe with `client_secret`; afterwards it is among the account's cards. The body is empty.")
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same setup.", "7d0c1a52")
            .Produces<CreateSetupIntent.Answer>()
            .Example(new CreateSetupIntent.Answer(true, "seti_1Test_secret_AbC", "seti_1Test"))
            .Refuses(StatusCodes.Status400BadRequest, "Stripe did not open it", $"{CreateSetupIntent.Failed}: {Unreachable}")
            .Refuses(StatusCodes.Status409Conflict, "the first request with this key is still running", Running)
            .Refuses(StatusCodes.Status503ServiceUnavailable, "payments are not configured", $"{CreateSetupIntent.Failed}: payments are not configured");

        routes.MapPost("/portal", OpenPortal.Handle)
            .WithMetadata(RateLimit.Purchases)
            .WithName("OpenPortal")
            .WithSummary("Stripe's own pages for this customer")
            .WithDescription(
                "Where the customer sees invoices and changes cards and subscriptions. Send the browser there soon: the address is good for a short while, and "
                + "whoever has it is taken for the customer. The body is empty.")
            .Parameter("query", "return_url", "Where the pages lead back to: the desktop app (chotto-voice:) or an allowed origin; the web client when it is not given.", "http://localhost:5173/billing")
            .Produces<OpenPortal.Answer>()
            .Example(new OpenPortal.Answer(true, "https://billing.stripe.com/p/session/test_a1b2"))
            .Refuses(StatusCodes.Status400BadRequest, "the address leads elsewhere", "URL not allowed")
            .Refuses(StatusCodes.Status400BadRequest, "Stripe did not open it", $"{OpenPortal.Failed}: {Unreachable}")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "payments are not configured", $"{OpenPortal.Failed}: payments are not configured");
    }

    private static void MapCards(RouteGroupBuilder routes)
    {
        routes.MapGet("/cards", SavedCards.List)
            .WithName("ListCards")
            .WithSummary("The account's saved cards")
            .WithDescription("The newest first. They are kept at Stripe; what is shown here is all that we see of them.")
            .Produces<SavedCards.Answer>()
            .Example(new SavedCards.Answer(true, [new SavedCards.Card(Card, "visa", "4242", 12, 2034, true)]))
            .Refuses(StatusCodes.Status400BadRequest, "Stripe cannot be asked", $"{SavedCards.Unread}: {Unreachable}");

        routes.MapDelete("/cards/{card_id}", SavedCards.Remove)
            .WithName("RemoveCard")
            .WithSummary("Forget a card")
            .WithDescription("For good: it cannot be charged again. What a subscription was paid with is then missing at its next payment.")
            .Parameter("path", "card_id", "As listed.", Card)
            .Produces<SavedCards.Done>()
            .Example(new SavedCards.Done(true, "Card removed successfully"))
            .Refuses(StatusCodes.Status400BadRequest, "Stripe did not do it", $"{SavedCards.Unchanged}: {Unreachable}")
            .Refuses(StatusCodes.Status404NotFound, "the card is unknown or another account's", SavedCards.Unknown);

        routes.MapPost("/cards/{card_id}/default", SavedCards.MakeDefault)
            .WithName("MakeCardDefault")
            .WithSummary("Pay with this card from now on")
            .WithDescription("Invoices are paid with it, unless a subscription has a card of its own. The body is empty.")
            .Parameter("path", "card_id", "As listed.", Card)
            .Produces<SavedCards.Done>()
            .Example(new SavedCards.Done(true, "Default card changed successfully"))
            .Refuses(StatusCodes.Status400BadRequest, "Stripe did not do it", $"{SavedCards.Unchanged}: {Unreachable}")
            .Refuses(StatusCodes.Status404NotFound, "the card is unknown or another account's", SavedCards.Unknown);
    }
}
