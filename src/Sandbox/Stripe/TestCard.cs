namespace Sandbox.Stripe;

/// <summary>A test card: its number, its <c>pm_card_…</c> name, and what happens when it is charged.</summary>
internal sealed record TestCard(string Number, string Name)
{
    private static readonly CardFailure Generic = new("card_declined", "Your card was declined.")
    { DeclineCode = "generic_decline", AdviceCode = "try_again_later", NetworkDeclineCode = "01" };

    private static readonly CardFailure InsufficientFunds = new("card_declined", "Your card has insufficient funds.")
    { DeclineCode = "insufficient_funds", AdviceCode = "try_again_later", NetworkDeclineCode = "51" };

    private static readonly TestCard[] All =
    [
        new("4242424242424242", "visa"),
        new("4000056655665556", "visa_debit") { Funding = "debit" },
        new("5555555555554444", "mastercard") { Brand = "mastercard" },
        new("378282246310005", "amex") { Brand = "amex" },
        new("4000003920000003", "jp") { Country = "JP" },
        new("4000000000000077", "bypassPending"),
        new("4000000000000002", "chargeDeclined") { Failure = Generic },
        new("4000000000009995", "chargeDeclinedInsufficientFunds") { Failure = InsufficientFunds },
        new("4000000000009987", "chargeDeclinedLostCard") { Failure = Declined("lost_card", "41", "do_not_try_again") },
        new("4000000000009979", "chargeDeclinedStolenCard") { Failure = Declined("stolen_card", "43", "do_not_try_again") },
        new("4100000000000019", "chargeDeclinedFraudulent") { Failure = Declined("fraudulent", "59", "do_not_try_again") },
        new("4000000000000069", "chargeDeclinedExpiredCard")
        {
            Failure = new("expired_card", "Your card has expired.")
            { DeclineCode = "expired_card", AdviceCode = "do_not_try_again", NetworkDeclineCode = "54", Param = "exp_month" },
        },
        new("4000000000000127", "chargeDeclinedIncorrectCvc")
        {
            Failure = new("incorrect_cvc", "Your card's security code is incorrect.")
            { DeclineCode = "incorrect_cvc", AdviceCode = "confirm_card_data", NetworkDeclineCode = "82", Param = "cvc" },
        },
        new("4000000000000119", "chargeDeclinedProcessingError")
        {
            Failure = new("processing_error", "An error occurred while processing your card. Try again in a little bit.")
            { DeclineCode = "processing_error", AdviceCode = "try_again_later", NetworkDeclineCode = "96" },
        },
        new("4000000000000341", "chargeCustomerFail") { Failure = Generic, Attaches = true },
        new("4000002500003155", "authenticationRequiredOnSetup") { OnSession = true, OffSession = true, SetupHelps = true },
        new("4000002760003184", "authenticationRequired") { OnSession = true, OffSession = true },
        new("4000003800000446", "authenticationRequiredSetupForOffSession") { OnSession = true },
        new("4000008260003178", "authenticationRequiredChargeDeclinedInsufficientFunds")
        { OnSession = true, OffSession = true, Failure = InsufficientFunds, Attaches = true },
        new("4000000000000259", "createDispute") { Dispute = "fraudulent" },
        new("4000000000002685", "createProductNotReceivedDispute") { Dispute = "product_not_received" },
        new("4000000000001976", "createDisputeInquiry") { Dispute = "fraudulent", Inquiry = true },
    ];

    private readonly bool? _attaches;

    public string Brand { get; init; } = "visa";
    public string Funding { get; init; } = "credit";
    public string Country { get; init; } = "US";

    /// <summary>What a charge ends with; nothing when it pays.</summary>
    public CardFailure? Failure { get; init; }

    /// <summary>Whether it can be saved with a customer; a card that declines is asked, and declines, then too.</summary>
    public bool Attaches { get => _attaches ?? Failure is null; init => _attaches = value; }

    /// <summary>Its bank wants the customer to confirm while they are there.</summary>
    public bool OnSession { get; init; }

    /// <summary>Its bank refuses a charge while the customer is away.</summary>
    public bool OffSession { get; init; }

    /// <summary>Its bank no longer asks the absent customer once the card was set up while they were there.</summary>
    public bool SetupHelps { get; init; }

    /// <summary>The reason of the dispute that follows a payment.</summary>
    public string? Dispute { get; init; }
    public bool Inquiry { get; init; }

    public string Last4 => Number[^4..];

    public static IReadOnlyList<TestCard> List => All;

    public static TestCard? ByNumber(string number) => Array.Find(All, card => card.Number == number);

    /// <summary>By <c>pm_card_visa_chargeDeclined</c>, <c>pm_card_chargeDeclined</c> or <c>tok_chargeDeclined</c>.</summary>
    public static TestCard? ByName(string name)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["pm_card_visa_", "pm_card_", "tok_visa_", "tok_"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && Array.Find(All, card => card.Name == name[prefix.Length..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>For people.</summary>
    public string Describe() =>
        Failure is not null ? (Attaches ? "can be saved, then fails: " : "declines: ") + (Failure.DeclineCode ?? Failure.Code)
        : Dispute is not null ? (Inquiry ? "pays, then an inquiry" : "pays, then is disputed: " + Dispute)
        : OnSession ? (OffSession ? "asks the customer; off session authentication_required" : "asks the customer; pays off session")
        : "pays";

    /// <summary>Whether the last digit fits the others, as every card number's does.</summary>
    public static bool IsPlausible(string number)
    {
        if (number.Length is < 12 or > 19 || !number.All(char.IsAsciiDigit))
        {
            return false;
        }

        var sum = 0;
        for (var at = 0; at < number.Length; at++)
        {
            var digit = number[^(at + 1)] - '0';
            sum += at % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
        }

        return sum % 10 == 0;
    }

    private static CardFailure Declined(string declineCode, string networkCode, string advice) =>
        new("card_declined", "Your card was declined.") { DeclineCode = declineCode, NetworkDeclineCode = networkCode, AdviceCode = advice };
}
