using Ledgerline.Kernel;

namespace Ledgerline.Chat;

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

    /// <summary>Of a user's message the key of what pays for its answer; read only where it is asked for.</summary>
    public string? UseKey { get; init; }

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
