using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Status;

/// <summary>Reads and writes calls. Who changes one has locked it first.</summary>
internal static class CallBook
{
    /// <summary>Calls whose books are closed, for the audit of what they were made out of: <c>account_id</c>, <c>use_key</c>, <c>seconds</c>.</summary>
    public const string Closed = "(SELECT account_id, 'call:' || CAST(id AS text) AS use_key, duration AS seconds FROM calls WHERE settled_at IS NOT NULL)";

    public static Task<CallRow?> Find(Session session, AccountId account, long id, CancellationToken stop) => session.Maybe<CallRow>(
        $"SELECT {CallRow.Columns} FROM calls WHERE account_id = @account AND id = @id", new { account, id }, stop);

    public static Task<CallRow?> Find(Session session, long id, CancellationToken stop) =>
        session.Maybe<CallRow>($"SELECT {CallRow.Columns} FROM calls WHERE id = @id", new { id }, stop);

    public static Task<CallRow?> FindBySid(Session session, string sid, CancellationToken stop) =>
        session.Maybe<CallRow>($"SELECT {CallRow.Columns} FROM calls WHERE call_sid = @sid", new { sid }, stop);

    public static Task<CallRow?> Lock(Transaction transaction, long id, CancellationToken stop) => transaction.Maybe<CallRow>(
        $$"""SELECT {{CallRow.Columns}} FROM calls WHERE id = @id {for update}""", new { id }, stop);

    public static Task<CallRow?> LockBySid(Transaction transaction, string sid, CancellationToken stop) => transaction.Maybe<CallRow>(
        $$"""SELECT {{CallRow.Columns}} FROM calls WHERE call_sid = @sid {for update}""", new { sid }, stop);

    public static Task Insert(Transaction transaction, CallRow call, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO calls (account_id, id, direction, kind, scenario, phone_number, own_number, user_name, status, dialling, ticket, lease_until, review_at,
            call_sid, request_key, funding, duration_limit, created_at, answered_at, line_until)
        VALUES (@AccountId, @Id, @Direction, @Kind, @Scenario, @PhoneNumber, @OwnNumber, @UserName, @Status, @Dialling, @Ticket, @LeaseUntil, @ReviewAt,
            @CallSid, @RequestKey, @Funding, @DurationLimit, @CreatedAt, @AnsweredAt, @LineUntil)
        """,
        call,
        stop);

    /// <summary>What may change in a call's life; it was locked by this transaction.</summary>
    public static Task Save(Transaction transaction, CallRow call, CancellationToken stop) => transaction.Execute(
        """
        UPDATE calls SET status = @Status, dialling = @Dialling, ticket = @Ticket, lease_until = @LeaseUntil, review_at = @ReviewAt, call_sid = @CallSid,
            is_sid_guessed = @IsSidGuessed, request_key = @RequestKey,
            funding = @Funding, duration_limit = @DurationLimit, answered_at = @AnsweredAt, ended_at = @EndedAt, settled_at = @SettledAt,
            duration = @Duration, answered_by = @AnsweredBy, end_reason = @EndReason, line_until = @LineUntil, charged_micro = @ChargedMicro,
            charged_unit = @ChargedUnit, carrier_micro_usd = @CarrierMicroUsd, is_carrier_price_final = @IsCarrierPriceFinal,
            recording_sid = @RecordingSid, recording_seconds = @RecordingSeconds, media = @Media
        WHERE account_id = @AccountId AND id = @Id
        """,
        call,
        stop);

    /// <summary>From here until the transaction ends, no other call of the account begins. Taken before its allowances.</summary>
    public static async Task LockAccount(Transaction transaction, AccountId account, CancellationToken stop)
    {
        await transaction.Execute("INSERT INTO call_accounts (account_id) VALUES (@account) ON CONFLICT (account_id) DO NOTHING", new { account }, stop);
        await transaction.One<AccountId>("SELECT account_id FROM call_accounts WHERE account_id = @account {for update}", new { account }, stop);
    }

    /// <summary>How many of the account's lines are taken.</summary>
    public static Task<long> Lines(Session session, AccountId account, DateTimeOffset now, CancellationToken stop) => session.One<long>(
        "SELECT COUNT(*) FROM calls WHERE account_id = @account AND ended_at IS NULL AND line_until > @now", new { account, now }, stop);

    /// <summary>The last call of these since then that did not fail to be placed.</summary>
    public static Task<CallRow?> Last(Session session, AccountId account, string number, string scenario, DateTimeOffset since, CancellationToken stop) =>
        session.Maybe<CallRow>(
            $"""
            SELECT {CallRow.Columns} FROM calls WHERE account_id = @account AND created_at > @since AND phone_number = @number AND scenario = @scenario
                AND direction = 'outbound' AND dialling <> 'refused'
            ORDER BY created_at DESC LIMIT 1
            """,
            new { account, number, scenario, since },
            stop);

    /// <summary>The call that was asked for under this key.</summary>
    public static Task<CallRow?> FindByRequest(Session session, AccountId account, string key, CancellationToken stop) => session.Maybe<CallRow>(
        $"SELECT {CallRow.Columns} FROM calls WHERE account_id = @account AND request_key = @key", new { account, key }, stop);

    /// <summary>Another call between the same two numbers is being placed, or may be.</summary>
    public static async Task<bool> HasTwin(Session session, CallRow call, CancellationToken stop) => await session.Maybe<long?>(
        """
        SELECT id FROM calls WHERE phone_number = @PhoneNumber AND own_number = @OwnNumber AND id <> @Id AND dialling IN ('waiting', 'asking', 'unknown') AND ended_at IS NULL LIMIT 1
        """,
        new { call.PhoneNumber, call.OwnNumber, call.Id },
        stop) is not null;

    /// <summary>The newest first.</summary>
    public static Task<IReadOnlyList<CallRow>> List(Session session, AccountId account, int limit, int offset, CancellationToken stop) => session.List<CallRow>(
        $"SELECT {CallRow.Columns} FROM calls WHERE account_id = @account ORDER BY created_at DESC, id DESC LIMIT @limit OFFSET @offset", new { account, limit, offset }, stop);

    public static Task<long> Count(Session session, AccountId account, CancellationToken stop) =>
        session.One<long>("SELECT COUNT(*) FROM calls WHERE account_id = @account", new { account }, stop);

    public static Task<IReadOnlyList<CallRow>> ToReview(Session session, DateTimeOffset now, int most, CancellationToken stop) => session.List<CallRow>(
        $"SELECT {CallRow.Columns} FROM calls WHERE review_at <= @now ORDER BY review_at LIMIT @most", new { now, most }, stop);
}
