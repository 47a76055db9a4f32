using Ledgerline.Billing.Payments;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>The routes of money coming in.</summary>
internal static class BillingRoutes
{
    private const string Tag = "Billing";

    public static void MapBilling(this WebApplication app)
    {
        MapCatalogue(app);
        MapCheckout(app);
        MapWebhooks(app);
        app.MapPayments();
        app.MapSubscriptions();
    }

    private static void MapCatalogue(WebApplication app)
    {
        app.MapGet("/api/billing/packages", ListPackages.Handle)
            .AllowAnonymous().WithMetadata(RateLimit.PublicReads)
            .WithName("ListPackages").WithTags(Tag)
            .WithSummary("What is for sale")
            .WithDescription("Credit packages in the order they are shown. Needs no sign-in.")
            .Produces<IReadOnlyList<ListPackages.Answer>>()
            .Example(new[] { new ListPackages.Answer("pro", "Pro Pack", 2000, 1499, "USD") });

        app.MapGet("/api/billing/balance", ShowBalance.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("ShowBalance").WithTags(Tag)
            .WithSummary("What the account can spend")
            .WithDescription("Whole credits that can be spent now: the balance without what running work has reserved.")
            .Produces<ShowBalance.Answer>()
            .Example(new ShowBalance.Answer(2100, "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10"));
    }

    private static void MapCheckout(WebApplication app)
    {
        app.MapPost("/api/billing/checkout/{package_id}", StartCheckout.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Purchases)
            .WithName("StartCheckout").WithTags(Tag)
            .WithSummary("Buy a package")
            .WithDescription(
                "Opens a payment page at Stripe; send the customer to checkout_url. Afterwards the browser goes to success_url with "
                + "session_id appended, or to cancel_url. Both must lead to the desktop app (chotto-voice:) or to an allowed origin. The body is empty.")
            .Parameter("path", "package_id", "Which package, as listed.", "pro")
            .Parameter("query", "success_url", "Where to go when it is paid.", ReturnUrls.DefaultSuccess)
            .Parameter("query", "cancel_url", "Where to go when the customer turns back.", ReturnUrls.DefaultCancel)
            .Parameter("header", Idempotency.Header, "The same key opens the same checkout and answers the same.", "7d0c1a52")
            .Produces<StartCheckout.Answer>()
            .Example(new StartCheckout.Answer("https://checkout.stripe.com/c/pay/cs_test_a1b2", "cs_test_a1b2"))
            .Refuses(400, "a URL leads elsewhere", "URL not allowed")
            .Refuses(404, "there is no such package", "Package not found")
            .Refuses(409, "the first request with this key is still running", "A request with this Idempotency-Key is still being processed")
            .Refuses(500, "Stripe did not open the page; nothing is charged", "Payment error: the payment provider cannot be reached");

        app.MapGet("/api/billing/verify/{session_id}", VerifyCheckout.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("VerifyCheckout").WithTags(Tag)
            .WithSummary("Has it been paid?")
            .WithDescription(
                "Asks Stripe when no webhook has told yet, and grants the credits at once when it is paid; never more than once. "
                + "Pending answers carry payment_status; completed ones carry credits (the balance) and credits_added (of this checkout).")
            .Parameter("path", "session_id", "As it was appended to success_url.", "cs_test_a1b2")
            .Produces<VerifyCheckout.Answer>()
            .Example(new VerifyCheckout.Answer { Status = "completed", Credits = 2100, CreditsAdded = 2000 })
            .Refuses(400, "Stripe cannot be asked", "Could not verify payment: the payment provider cannot be reached")
            .Refuses(404, "the session is unknown or another account's", "Payment session not found");
    }

    private static void MapWebhooks(WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(BillingRoutes));
        foreach (var webhook in StripeWebhook.All)
        {
            if (webhook.TrustOf(app.Services.GetRequiredService<StripeOptions>()).IsOff)
            {
                log.LogWarning("{Path} is off: no Stripe webhook secret is set for it", webhook.Path);
            }

            app.MapPost(webhook.Path, webhook.Handle)
                .AllowAnonymous().WithMetadata(RateLimit.Webhook, new SignedBy("Stripe"))
                .WithName($"StripeWebhook{webhook.Path.Replace('/', '-')}").WithTags(Tag)
                .WithSummary("Where Stripe's events arrive")
                .WithDescription(
                    "A raw event of Stripe, signed in Stripe-Signature. Each event has its effect once, at whichever of the three addresses and "
                    + "however often it arrives. 2xx only when it is durable. Without a webhook secret the address is off (404).")
                .Parameter("header", StripeSignature.Header, "t=…,v1=… over the raw body.", "t=1763625600,v1=5257a869…")
                .Example(webhook.Taken)
                .Refuses(400, "nobody we trust signed it, or not within five minutes", "Invalid signature")
                .Refuses(400, "it is signed, but no event of Stripe's, or of the other mode", "Invalid payload")
                .Refuses(413, "it is larger than 1 MiB", "Request body too large")
                .Refuses(503, "Stripe could not be asked about it; nothing was stored", "The event could not be taken now: send it again later");
        }
    }
}
