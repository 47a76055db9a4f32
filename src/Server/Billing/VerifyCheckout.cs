using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ledgerline.Http;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing;

/// <summary>The customer came back from Stripe: has it been paid? Grants it here when no webhook has told yet.</summary>
internal static partial class VerifyCheckout
{
    /// <summary>Pending with Stripe's payment status, or completed with the balance and the credits of this checkout.</summary>
    public sealed record Answer
    {
        public required string Status { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? PaymentStatus { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Credits { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? CreditsAdded { get; init; }
    }

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(
        [FromRoute(Name = "session_id")] string sessionId,
        CurrentAccount account,
        Database database,
        CheckoutSettlement settlement,
        Balances balances,
        ILogger<CheckoutSettlement> log,
        CancellationToken stop)
    {
        var order = SessionId().IsMatch(sessionId)
            ? await database.Read(session => CheckoutOrders.BySession(session, sessionId, stop), stop)
            : null;
        if (order?.AccountId != account.Id)
        {
            return Refusal.NotFound("Payment session not found");
        }

        var paymentStatus = "unpaid";
        if (order.GrantedAt is null)
        {
            try
            {
                if (await settlement.Settle(sessionId, null, stop) is { } settled)
                {
                    (order, paymentStatus) = (settled.Order, settled.PaymentStatus);
                }
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Checkout {SessionId} could not be verified: {Failure}", sessionId, failure.Message);
                return Refusal.BadRequest($"Could not verify payment: {failure.Sentence}");
            }
        }

        return order.Status switch
        {
            OrderStatus.Granted => TypedResults.Ok(new Answer
            {
                Status = "completed",
                Credits = await balances.Credits(account.Id, stop),
                CreditsAdded = order.Credits,
            }),
            OrderStatus.Refused => Refusal.BadRequest("Could not verify payment: what was paid is not what was ordered"),
            _ => TypedResults.Ok(new Answer { Status = "pending", PaymentStatus = paymentStatus }),
        };
    }

    // Anything else is no session of Stripe's, and some of it no text for a database.
    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,255}\z")]
    private static partial Regex SessionId();
}
