using System.Text.RegularExpressions;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing.Payments;

/// <summary><c>/payments/cards</c>: the cards that an account has saved at Stripe, where they stay; we keep none.</summary>
internal static partial class SavedCards
{
    public const string Unknown = "Card not found";
    public const string Unread = "Failed to read the cards";
    public const string Unchanged = "Failed to change the cards";

    public sealed record Answer(bool Success, IReadOnlyList<Card> Cards);

    /// <param name="Id">Stripe's payment method.</param>
    /// <param name="Last4">The number's last four digits.</param>
    /// <param name="IsDefault">Invoices are paid with it, unless a subscription has a card of its own.</param>
    public sealed record Card(string Id, string? Brand, string? Last4, int ExpMonth, int ExpYear, bool IsDefault);

    public sealed record Done(bool Success, string Message);

    public static async Task<IResult> List(
        CurrentAccount account, Database database, StripeClient stripe, ILogger<PayerDesk> log, CancellationToken stop)
    {
        try
        {
            return TypedResults.Ok(new Answer(true, await CustomerOf(account.Id, database, stop) is { } customer ? await Of(customer, stripe, stop) : []));
        }
        catch (StripeFailure failure) when (PayerDesk.IsGone(failure))
        {
            return TypedResults.Ok(new Answer(true, []));
        }
        catch (StripeFailure failure)
        {
            log.LogError("The cards could not be read: {Failure}", failure.Message);
            return PaymentRefusal.Of(Unread, failure);
        }
    }

    public static Task<IResult> Remove(
        [FromRoute(Name = "card_id")] string cardId, CurrentAccount account, Database database, StripeClient stripe, Ids ids, ILogger<PayerDesk> log,
        CancellationToken stop) =>
        WithOwn(cardId, account.Id, database, stripe, log, async _ =>
        {
            // A key of its own each time: what failed may be tried again, and a card that is gone is not there to be removed twice.
            await stripe.DetachPaymentMethod(cardId, $"detach:{ids.Text()}", stop);
            return new Done(true, "Card removed successfully");
        }, stop);

    public static Task<IResult> MakeDefault(
        [FromRoute(Name = "card_id")] string cardId, CurrentAccount account, Database database, StripeClient stripe, Ids ids, ILogger<PayerDesk> log,
        CancellationToken stop) =>
        WithOwn(cardId, account.Id, database, stripe, log, async customer =>
        {
            // A key of its own each time: going back to a former card is no repetition, and doing it twice changes nothing.
            await stripe.PayWith(customer, cardId, $"default-card:{ids.Text()}", stop);
            return new Done(true, "Default card changed successfully");
        }, stop);

    // What is another's is as unknown as what is nobody's; only Stripe can tell, so it is asked with the customer's own id.
    private static async Task<IResult> WithOwn(
        string cardId, AccountId account, Database database, StripeClient stripe, ILogger log, Func<string, Task<Done>> change, CancellationToken stop)
    {
        try
        {
            if (!Id().IsMatch(cardId) || await CustomerOf(account, database, stop) is not { } customer
                || (await stripe.PaymentMethodOf(customer, cardId, stop)).Card is null)
            {
                return Refusal.NotFound(Unknown);
            }

            return TypedResults.Ok(await change(customer));
        }
        catch (StripeFailure failure) when (failure.Code == "resource_missing")
        {
            return Refusal.NotFound(Unknown);
        }
        catch (StripeFailure failure)
        {
            log.LogError("A card could not be changed: {Failure}", failure.Message);
            return PaymentRefusal.Of(Unchanged, failure);
        }
    }

    private static async Task<IReadOnlyList<Card>> Of(string customer, StripeClient stripe, CancellationToken stop)
    {
        var usual = await stripe.DefaultPaymentMethodOf(customer, stop);
        return
        [
            .. from method in await stripe.CardsOf(customer, stop)
               let card = method.Card
               where card is not null
               select new Card(method.Id, card.Brand, card.Last4, card.ExpMonth, card.ExpYear, method.Id == usual),
        ];
    }

    // Null for who has never paid: nobody becomes a customer by looking.
    private static Task<string?> CustomerOf(AccountId account, Database database, CancellationToken stop) => database.Read(
        session => session.Maybe<string>("SELECT customer_id FROM stripe_customers WHERE account_id = @account", new { account }, stop), stop);

    // Anything else is no id of Stripe's.
    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,255}\z")]
    private static partial Regex Id();
}
