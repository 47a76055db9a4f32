using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Keeps the payments as Stripe has them: whoever settles something writes its payments through here, in his transaction.</summary>
internal sealed class PaymentBook(OperatorAlarm alarm, Ids ids, TimeProvider clock, ILogger<PaymentBook> log)
{
    /// <summary>Writes what was paid, and what became of it. True when that was news.</summary>
    /// <param name="seen">What Stripe has now; refunds are left as they are unless it says how much went back.</param>
    /// <param name="refundedMinor">Null when Stripe was not asked.</param>
    public async Task<bool> Note(Transaction transaction, PaymentRow seen, long? refundedMinor, CancellationToken stop)
    {
        var before = seen.InvoiceId is { } invoice ? await PaymentRow.ByInvoice(transaction, invoice, stop) : null;
        before ??= seen.PaymentIntentId is { } payment ? await PaymentRow.ByPayment(transaction, payment, stop) : null;
        var disputed = seen.PaymentIntentId is { } disputable
            ? await Disputes.Taken(transaction, disputable, seen.Currency, seen.AmountMinor, stop)
            : new DisputedMoney(before?.DisputedMinor ?? 0, before?.LostMinor ?? 0);
        var after = (seen with
        {
            Id = before?.Id ?? ids.Number(),
            PaymentIntentId = seen.PaymentIntentId ?? before?.PaymentIntentId,
            CreatedAt = before?.CreatedAt ?? seen.CreatedAt,
            RefundedMinor = refundedMinor ?? before?.RefundedMinor ?? 0,
            DisputedMinor = disputed.AllMinor,
            LostMinor = disputed.LostMinor,
        }).Judged;
        if (after == before)
        {
            return false;
        }

        await after.Save(transaction, clock.GetUtcNow(), stop);
        if (WentBack(after) != WentBack(before))
        {
            log.LogError(
                "Payment {Payment} of account {Account} was {Before} and is {After}: {Refunded} refunded, {Disputed} disputed of {Amount} {Currency}",
                after.PaymentIntentId, after.AccountId, before?.Status, after.Status, after.RefundedMinor, after.DisputedMinor, after.AmountMinor, after.Currency);
            await alarm.Raise(
                transaction,
                $"{after.Id}",
                $"Payment {after.PaymentIntentId ?? after.InvoiceId} is {after.Status}",
                $"Account: {after.AccountId}\nFor: {after.Description}\nPaid: {after.AmountMinor} {after.Currency}\nRefunded: {after.RefundedMinor}\n"
                    + $"Disputed: {after.DisputedMinor}, of that lost: {after.LostMinor}\nBefore this it was: {before?.Status ?? "not known"}\n",
                stop);
        }

        return true;
    }

    private static (long, long, long) WentBack(PaymentRow? row) => row is null ? default : (row.RefundedMinor, row.DisputedMinor, row.LostMinor);

    /// <summary>How much of a payment has gone back, in minor units; in another currency it counts as all of it.</summary>
    public static long Refunded(IEnumerable<StripeRefund> refunds, string currency, long amountMinor) => refunds.Where(refund => refund.Counts)
        .Sum(refund => string.Equals(refund.Currency, currency, StringComparison.OrdinalIgnoreCase) ? refund.Amount : amountMinor);
}
