using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Dialling;

/// <summary>A person who has asked an account not to be called.</summary>
internal sealed class Declined
{
    public required string PhoneNumber { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The door to whom an account must not call.</summary>
internal sealed class DoNotCall(Database database, TimeProvider clock)
{
    public const int Most = 100_000;

    public async Task<bool> Has(AccountId account, string number, CancellationToken stop) => await database.Read(
        session => session.Maybe<string>("SELECT phone_number FROM do_not_call WHERE account_id = @account AND phone_number = @number", new { account, number }, stop), stop) is not null;

    public Task<IReadOnlyList<Declined>> List(AccountId account, int limit, string after, CancellationToken stop) => database.Read(
        session => session.List<Declined>(
            "SELECT phone_number, reason, created_at FROM do_not_call WHERE account_id = @account AND phone_number > @after ORDER BY phone_number LIMIT @limit",
            new { account, limit, after },
            stop),
        stop);

    public Task Add(AccountId account, string number, string? reason, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            """
            INSERT INTO do_not_call (account_id, phone_number, reason, created_at) VALUES (@account, @number, @reason, @now)
            ON CONFLICT (account_id, phone_number) DO NOTHING
            """,
            new { account, number, reason, now = clock.GetUtcNow() },
            stop),
        stop);

    /// <summary>False when it was not in the list.</summary>
    public Task<bool> Remove(AccountId account, string number, CancellationToken stop) => database.Write(
        async transaction => await transaction.Execute("DELETE FROM do_not_call WHERE account_id = @account AND phone_number = @number", new { account, number }, stop) == 1, stop);
}
