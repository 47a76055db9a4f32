using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Numbers;

/// <summary>A phone number that belongs to an account.</summary>
public sealed class OwnNumber
{
    internal const string Columns = "account_id, id, phone_number, twilio_sid, friendly_name, date_provisioned, is_active, voice_capable, sms_capable";

    public AccountId AccountId { get; init; }
    public long Id { get; init; }

    /// <summary>E.164.</summary>
    public required string PhoneNumber { get; init; }

    /// <summary><c>PN…</c>; null for a number that the operator assigned.</summary>
    public string? TwilioSid { get; init; }

    public required string FriendlyName { get; init; }
    public DateTimeOffset DateProvisioned { get; init; }
    public bool IsActive { get; init; }
    public bool VoiceCapable { get; init; }
    public bool SmsCapable { get; init; }
}

/// <summary>The door to who has which number. An active number has one owner.</summary>
public sealed class NumberDesk(Database database, Ids ids, TimeProvider clock)
{
    /// <summary>Whom a number belongs to, whatever rang there; null when nobody has it.</summary>
    /// <param name="number">E.164.</param>
    public Task<AccountId?> OwnerOf(string number, CancellationToken stop = default) => database.Read(
        session => session.Maybe<AccountId?>("SELECT account_id FROM phone_numbers WHERE active_number = @number", new { number }, stop), stop);

    /// <summary>The number an account calls from: the first active one that can; null when it has none.</summary>
    public Task<string?> PrimaryOf(AccountId account, CancellationToken stop = default) => database.Read(
        session => session.Maybe<string>(
            "SELECT phone_number FROM phone_numbers WHERE account_id = @account AND is_active AND voice_capable ORDER BY date_provisioned, id LIMIT 1", new { account }, stop),
        stop);

    /// <summary>The account has this number from now on. False when somebody has it.</summary>
    public Task<bool> Assign(AccountId account, string number, CancellationToken stop = default) => database.Write(
        async transaction => await transaction.Execute(
            """
            INSERT INTO phone_numbers (account_id, id, phone_number, friendly_name, date_provisioned, is_active, voice_capable, sms_capable, active_number)
            VALUES (@account, @id, @number, @number, @now, true, true, true, @number) ON CONFLICT (active_number) DO NOTHING
            """,
            new { account, id = ids.Number(), number, now = clock.GetUtcNow() },
            stop) == 1,
        stop);
}
