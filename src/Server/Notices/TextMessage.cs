namespace Ledgerline.Notices;

/// <summary>A text message (SMS) to an account's own number.</summary>
/// <param name="Key">Names the step that it tells of, unique within the account. No number, no secret: it is logged.</param>
/// <param name="Words">What the phone shows: one line, 160 characters of the common alphabet cost one message.</param>
/// <param name="ExpiresAt">Not sent from then on.</param>
public sealed record TextMessage(string Key, string Words, DateTimeOffset ExpiresAt)
{
    /// <summary>The one-time code in it, for a carrier that says codes in words of its own.</summary>
    public string? Code { get; init; }

    /// <summary>Without what it says: a record prints all it has.</summary>
    public override string ToString() => $"text message {Key}";
}
