using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage;

namespace Ledgerline.Chat;

/// <summary>A message on its way into a room, and what became of it.</summary>
/// <param name="Key">Names what pays for the answer.</param>
/// <param name="HasCredits">The most that an answer can cost is held, if credits should pay it.</param>
internal sealed record NewMessage(AccountId Account, long Room, string Content, string Key, bool HasCredits)
{
    /// <summary>One of <see cref="RoomPays"/>, as the room has it when the message is accepted.</summary>
    public string Pays { get; set; } = RoomPays.Allowance;

    /// <summary>How often it was tried to write it. A transaction whose end nobody knows may have done it.</summary>
    public int Tries { get; set; }

    /// <summary>Runs in the transaction that accepts it.</summary>
    public Func<Transaction, long, Task>? AlsoWithin { get; init; }

    /// <summary>Null until it is written.</summary>
    public PostOutcome? Outcome { get; set; }

    /// <summary>Of a message that no credits pay.</summary>
    public AllowanceUse Use => new(Account, Pays == RoomPays.PayAsYouGo ? Want.ChatMessageByUse : Want.ChatMessage, Key, TimeSpan.Zero);
}

/// <summary>What became of a message.</summary>
internal abstract record PostOutcome
{
    private PostOutcome()
    {
    }

    /// <summary>Stored, counted, and its answer is on the way.</summary>
    public sealed record Accepted(long Id) : PostOutcome;

    /// <summary>The account has no such room.</summary>
    public sealed record NoRoom : PostOutcome;

    /// <summary>As many as may be wait for their answers.</summary>
    public sealed record TooManyWaiting : PostOutcome;

    /// <summary>The day's messages are used up.</summary>
    public sealed record UsedUp(Verdict Verdict) : PostOutcome;

    /// <summary>No plan bills the account for what is used, or none with a price for messages.</summary>
    public sealed record NotByUse(Verdict Verdict) : PostOutcome;

    /// <summary>Credits pay in this room, and none are held yet.</summary>
    public sealed record NeedsCredits : PostOutcome;

    /// <summary>The wallet does not cover an answer.</summary>
    public sealed record NotPaid(TokenAnswer Answer) : PostOutcome;
}
