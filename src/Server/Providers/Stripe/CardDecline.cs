namespace Ledgerline.Providers.Stripe;

/// <summary>
/// What a bank's word for a declined card means to the customer, and what helps. One of a fixed list: what only the bank should know
/// (lost, stolen, suspected) reads like any other no.
/// </summary>
public static class CardDecline
{
    public const string Plain = "the card was declined; use another card, or ask the bank that issued it";

    /// <param name="code">The error's code: <c>card_declined</c>, <c>expired_card</c>, …</param>
    /// <param name="declineCode">The bank's, which says more where there is one: <c>insufficient_funds</c>, …</param>
    public static string Sentence(string? code, string? declineCode) => Of(declineCode) ?? Of(code) ?? Plain;

    private static string? Of(string? code) => code switch
    {
        "insufficient_funds" => "the card has insufficient funds; use another card, or try again when there is money on it",
        "withdrawal_count_limit_exceeded" or "card_velocity_exceeded" or "approve_with_id" =>
            "the card's limit is reached; use another card, or try again later",
        "expired_card" => "the card has expired; use one that is still valid",
        "incorrect_cvc" or "invalid_cvc" => "the card's security code is wrong; enter the card again with the right one",
        "incorrect_number" or "invalid_number" => "the card's number is wrong; enter the card again with the right one",
        "invalid_expiry_month" or "invalid_expiry_year" => "the card's expiry date is wrong; enter the card again with the right one",
        "incorrect_zip" or "incorrect_address" => "the address does not fit the card; enter the card again with the right one",
        "card_not_supported" or "transaction_not_allowed" or "not_permitted" or "service_not_allowed" => "the card does not take this kind of payment; use another card",
        "currency_not_supported" => "the card does not pay in this currency; use another card",
        "authentication_required" or "payment_intent_authentication_failure" or "authentication_not_handled"
            or "subscription_payment_intent_requires_action" => "the bank wants this payment confirmed; confirm it when asked, or use another card",
        "processing_error" or "issuer_not_available" or "try_again_later" or "reenter_transaction" =>
            "the card's bank could not be asked; try again in a few minutes, or use another card",
        "duplicate_transaction" => "the bank has just seen the same payment; look at what was paid before trying again",
        _ => null,
    };
}
