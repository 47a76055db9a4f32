using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Why a card was not charged, in the words of Stripe's errors.</summary>
internal sealed record CardFailure(string Code, string Message)
{
    public string? DeclineCode { get; init; }
    public string? AdviceCode { get; init; }
    public string? NetworkDeclineCode { get; init; }
    public string? Param { get; init; }

    /// <summary>The failed charge, when it came to one.</summary>
    public string? Charge { get; init; }
    public JsonObject? PaymentMethod { get; init; }

    public static readonly CardFailure AuthenticationRequired =
        new("authentication_required", "Your card was declined. This transaction requires authentication.") { DeclineCode = "authentication_required" };

    public static readonly CardFailure ActionRequired = new(
        "authentication_required",
        "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're ready, you can upgrade your integration to handle actions.");

    public static CardFailure AuthenticationFailed(string code) =>
        new(code, "We are unable to authenticate your payment method. Please choose a different payment method and try again.");

    /// <summary>The fields of an intent's last error, and of the answer.</summary>
    public JsonObject ToJson()
    {
        var made = new JsonObject { ["type"] = "card_error", ["code"] = Code, ["message"] = Message, ["doc_url"] = StripeError.DocUrl(Code) };
        Add("advice_code", AdviceCode);
        Add("charge", Charge);
        Add("decline_code", DeclineCode);
        Add("network_decline_code", NetworkDeclineCode);
        Add("param", Param);
        if (PaymentMethod is not null)
        {
            made["payment_method"] = PaymentMethod.Copy();
            made["payment_method_type"] = PaymentMethod.Text("type");
        }

        return made;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                made[name] = value;
            }
        }
    }
}
