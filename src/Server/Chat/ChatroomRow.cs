using Ledgerline.Kernel;

namespace Ledgerline.Chat;

/// <summary>A room as it is stored.</summary>
internal sealed class ChatroomRow
{
    public const string Columns = "account_id, id, name, pays, created_at";

    public AccountId AccountId { get; init; }
    public long Id { get; init; }

    public RoomKey Key => new(AccountId, Id);

    public required string Name { get; init; }

    /// <summary>One of <see cref="RoomPays"/>.</summary>
    public required string Pays { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
