using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>What subscriptions and invoices need to remember beside their objects, which hold what Stripe shows.</summary>
internal sealed class BillingState
{
    /// <summary>The invoice that a payment intent pays, by the intent's id.</summary>
    public Dictionary<string, string> InvoiceOfIntent { get; } = [];

    /// <summary>When an invoice failed first, and how often it was tried again by itself.</summary>
    public Dictionary<string, (long FirstFailure, int Done)> Retries { get; } = [];

    /// <summary>The invoice whose payment is being tried by Stripe itself just now, not by the customer.</summary>
    public string? Trying { get; set; }

    /// <summary>A subscription that is being made and not told yet: it is told as its first invoice left it.</summary>
    public string? Beginning { get; set; }

    /// <summary>The last invoice line that charged a subscription item: what a proration credits.</summary>
    public Dictionary<string, (string Invoice, string Line)> LastLine { get; } = [];

    /// <summary>What was redeemed, by the discount that came of it.</summary>
    public Dictionary<string, JsonObject> CouponOf { get; } = [];

    /// <summary>Setup intents of subscriptions that begin without a payment: the subscription, by the intent's id.</summary>
    public Dictionary<string, string> SubscriptionOfSetup { get; } = [];

    /// <summary>The invoice that ends a pause when it is paid, by subscription.</summary>
    public Dictionary<string, string> Resumption { get; } = [];

    /// <summary>What a Checkout session was told about the subscription it will make, by session.</summary>
    public Dictionary<string, CheckoutOrder> Checkout { get; } = [];

    /// <summary>Reported usage, in the order of its arrival.</summary>
    public List<Usage> Usage { get; } = [];

    /// <summary>Cards that their bank knows, because they were set up while the customer was there.</summary>
    public HashSet<string> SetUp { get; } = [];

    /// <summary>How failed renewals go on: <c>POST /_sandbox/stripe/dunning</c>.</summary>
    public DunningRules Rules { get; set; } = new();

    public void Clear()
    {
        InvoiceOfIntent.Clear();
        Retries.Clear();
        LastLine.Clear();
        CouponOf.Clear();
        SubscriptionOfSetup.Clear();
        Resumption.Clear();
        Checkout.Clear();
        Usage.Clear();
        SetUp.Clear();
        (Trying, Beginning, Rules) = (null, null, new DunningRules());
    }
}

/// <summary>The account's settings for failed renewals.</summary>
internal sealed record DunningRules
{
    /// <summary>Days after the first failure.</summary>
    public IReadOnlyList<int> RetryDays { get; init; } = [1, 3, 5, 7];

    /// <summary>After the last one: <c>cancel</c>, <c>unpaid</c> or <c>past_due</c>.</summary>
    public string Then { get; init; } = "cancel";

    /// <summary>How long before a renewal <c>invoice.upcoming</c> is told.</summary>
    public int UpcomingDays { get; init; } = 7;
}

/// <summary>One reported use of something metered.</summary>
internal sealed record Usage(string EventName, string Identifier, string Customer, long Value, long At, long Created)
{
    public bool Cancelled { get; set; }
}

/// <summary>What a Checkout session will make when it is paid.</summary>
internal sealed record CheckoutOrder
{
    /// <summary><c>subscription_data</c>.</summary>
    public required JsonObject Data { get; init; }

    /// <summary>Redeemed when the session is paid.</summary>
    public IReadOnlyList<JsonObject> Discounts { get; set; } = [];

    /// <summary>The card of a subscription that waits for its bank's question to be answered.</summary>
    public string? Waiting { get; set; }
}
