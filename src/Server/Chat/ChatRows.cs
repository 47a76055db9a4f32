using Ledgerline.Kernel;

namespace Ledgerline.Chat;

/// <summary>A room as it is stored.</summary>
internal sealed class ChatroomRow
{
    public const string Columns = "account_id, id, name, pays, created_at";

    public AccountId AccountId { get; init; }
    public long Id { get; init; }
    public required string Name { get; init; }

    /// <summary>One of <see cref="PaidBy"/>.</summary>
    public required string Pays { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A message as it is stored.</summary>
internal sealed class MessageRow
{
    public const string Columns = "account_id, room_id, id, sender, content, pays, answers, failure, created_at";

    public AccountId AccountId { get; init; }
    public long RoomId { get; init; }
    public long Id { get; init; }

    /// <summary>One of <see cref="Chat.Sender"/>.</summary>
    public required string Sender { get; init; }
    public required string Content { get; init; }
    public string? Pays { get; init; }

    /// <summary>Of a bot's message the one that it answers.</summary>
    public long? Answers { get; init; }
    public string? Failure { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Who wrote a message, as clients know it.</summary>
internal static class Sender
{
    public const string User = "user";
    public const string Bot = "bot";
}

/// <summary>What a room's messages are paid with.</summary>
internal static class PaidBy
{
    /// <summary>The day's messages of the plan.</summary>
    public const string Allowance = "allowance";

    /// <summary>The credit wallet, by the tokens that are used.</summary>
    public const string Credits = "credits";

    public static readonly IReadOnlyList<string> All = [Allowance, Credits];
}
