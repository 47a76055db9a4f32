using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>A row of <c>credit_transactions</c>, as the predecessor's export names its fields.</summary>
/// <param name="Amount">Whole credits, negative when they left. Fractions are dropped downwards; <paramref name="AmountMicro"/> is exact.</param>
public sealed record CreditTransaction(
    string Id, string UserId, long Amount, long AmountMicro, string TransactionType, string? StripePaymentId, string? Description, DateTimeOffset CreatedAt);

/// <summary>The door to what happened to an account's credits.</summary>
public sealed class Statements(Statement statement)
{
    /// <summary>Transcription credits, the newest rows first.</summary>
    public async Task<IReadOnlyList<CreditTransaction>> Credits(AccountId account, int limit = 100, CancellationToken stop = default) =>
    [
        .. (await statement.List(account, Unit.Credit, limit, stop)).Select(row => new CreditTransaction(
            row.Id, account.ToString(), row.Amount.Floor, row.Amount.Micro, row.Kind, row.PaymentId, row.Description, row.CreatedAt)),
    ];
}
