using System.Globalization;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Payments;

/// <summary><c>POST /payments/create-payment-intent</c>: an amount that the browser then pays at Stripe.</summary>
internal static class CreatePaymentIntent
{
    public const string Failed = "Failed to create payment intent";
    public const string DefaultDescription = "Speech Assistant Service";

    private const int Smallest = 50;
    private const int Largest = 999_999;
    private const int LongestDescription = 500;
    private const int MostMetadata = 50;
    private const int LongestName = 40;
    private const int LongestValue = 500;
    private const string Account = "account_id";

    /// <param name="Amount">In the currency's minor units.</param>
    /// <param name="Metadata">Kept beside the payment at Stripe; <c>account_id</c> is ours.</param>
    public sealed record Request(long? Amount, string? Currency, string? Description, Dictionary<string, string?>? Metadata);

    public sealed record Answer(bool Success, string ClientSecret, string PaymentIntentId);

    public static async Task<IResult> Handle(
        HttpContext context, Body<Request> body, CurrentAccount account, PaymentOptions options, PayerDesk desk, StripeClient stripe, Idempotency idempotency,
        ILogger<PayerDesk> log, CancellationToken stop)
    {
        var amount = AmountOf(body.Value);
        var description = DescriptionOf(body.Value);
        var metadata = MetadataOf(body.Value, account.Id);
        var currency = (body.Value.Currency ?? PaymentOptions.DefaultCurrency).Trim().ToLowerInvariant();
        string[] parts = ["payment_intent", amount.ToString(CultureInfo.InvariantCulture), currency, description, .. metadata.SelectMany(pair => new[] { pair.Key, pair.Value })];
        return await idempotency.Run(context, account.Id, () => string.Join('\n', parts.Select(part => $"{part.Length} {part}")), async ticket =>
        {
            if (!options.Currencies.Contains(currency))
            {
                return Refusal.BadRequest($"{Failed}: the currency must be {string.Join(" or ", options.Currencies)}");
            }

            try
            {
                var intent = await desk.Open(
                    account.Id,
                    ticket,
                    parts,
                    (customer, key) => stripe.CreatePaymentIntent(new PaymentIntentRequest(customer, amount, currency, description, metadata), $"payment:{key}", stop),
                    stop,
                    async opened => (await stripe.PaymentIntent(opened.Id, stop)).IsOpen);
                return TypedResults.Ok(new Answer(true, intent.ClientSecret, intent.Id));
            }
            catch (StripeFailure failure)
            {
                log.LogError("A payment intent could not be created: {Failure}", failure.Message);
                return PaymentRefusal.Of(Failed, failure);
            }
        });
    }

    private static long AmountOf(Request request) => request.Amount switch
    {
        null => throw Invalid.Missing("body", "amount"),
        < Smallest => throw new Invalid("body", "amount", $"Input should be greater than or equal to {Smallest}", "greater_than_equal"),
        > Largest => throw new Invalid("body", "amount", $"Input should be less than or equal to {Largest}", "less_than_equal"),
        { } amount => amount,
    };

    private static string DescriptionOf(Request request)
    {
        var description = request.Description?.Trim() is { Length: > 0 } given ? given : DefaultDescription;
        return description.Length <= LongestDescription && !description.Any(char.IsControl)
            ? description
            : throw new Invalid("body", "description", $"Input should be one line of at most {LongestDescription} characters", "string_too_long");
    }

    // In one order, so that the same words are the same request. Ours wins over a client's.
    private static SortedDictionary<string, string> MetadataOf(Request request, AccountId account)
    {
        SortedDictionary<string, string> metadata = new(StringComparer.Ordinal) { [Account] = account.ToString() };
        foreach (var (name, value) in request.Metadata ?? [])
        {
            if (name.Length is 0 or > LongestName || name.Any(c => char.IsControl(c) || c is '[' or ']'))
            {
                throw new Invalid("body", "metadata", $"A name should be 1 to {LongestName} characters without brackets", "string_too_long");
            }

            if (value is null || value.Length > LongestValue || value.Contains('\0'))
            {
                throw new Invalid("body", $"metadata.{name}", $"Input should be a text of at most {LongestValue} characters", "string_too_long");
            }

            metadata.TryAdd(name, value);
        }

        return metadata.Count <= MostMetadata
            ? metadata
            : throw new Invalid("body", "metadata", $"Input should have at most {MostMetadata} entries, {Account} among them", "too_long");
    }
}
