using Ledgerline.Identity;
using Ledgerline.Notices;
using Ledgerline.Persistence;

namespace Ledgerline.Billing;

/// <summary>Tells the operators by mail that money has gone back or a bank wants it back, if and only if the caller's transaction commits.</summary>
internal sealed class OperatorAlarm(Mailer mailer, TimeProvider clock)
{
    /// <summary>One mail to each operator who has an address.</summary>
    /// <param name="about">The payment or checkout; what happens to it once more is told once more.</param>
    /// <param name="sentence">What happened, for a subject line too.</param>
    /// <param name="details">Lines that end with \n.</param>
    public async Task Raise(Transaction transaction, string about, string sentence, string details, CancellationToken stop)
    {
        var key = FormattableString.Invariant($"money-went-back:{about}:{clock.GetUtcNow().ToUnixTimeMilliseconds()}");
        foreach (var account in await Accounts.Operators(transaction, stop))
        {
            mailer.Send(transaction, account, new Mail(key, sentence, $"{sentence}.\n\n{details}\nAmounts are in the currency's smallest unit.\n"));
        }
    }
}
