using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Realtime;

namespace Ledgerline.Chat;

/// <summary>The door to an account's rooms.</summary>
internal sealed class RoomDesk
{
    private readonly Database database;
    private readonly Channels channels;
    private readonly TimeProvider clock;
    private readonly GroupCommit<RoomOrder> making;

    public RoomDesk(Database database, Channels channels, TimeProvider clock)
    {
        (this.database, this.channels, this.clock) = (database, channels, clock);
        making = new GroupCommit<RoomOrder>(database, order => order.Account.ToString(), Make);
    }

    /// <summary>Makes a room.</summary>
    /// <param name="pays">One of <see cref="RoomPays"/>.</param>
    /// <param name="alsoWithin">Runs in the same transaction.</param>
    public async Task<ChatroomRow> Create(AccountId account, string name, string pays, Func<Transaction, ChatroomRow, Task>? alsoWithin, CancellationToken stop)
    {
        var order = new RoomOrder(account, name, pays) { AlsoWithin = alsoWithin };
        await making.Write(order, stop);
        return order.Made!;
    }

    /// <summary>Null when the account has no such room.</summary>
    public Task<ChatroomRow?> Find(AccountId account, long id, CancellationToken stop) => database.Read(session => Find(session, account, id, stop), stop);

    /// <summary>The account's rooms, the oldest first.</summary>
    /// <param name="limit">Only so many of the newest ones.</param>
    /// <param name="beforeId">Only older ones.</param>
    public async Task<IReadOnlyList<ChatroomRow>> List(AccountId account, int? limit, long? beforeId, CancellationToken stop) =>
    [
        .. (await database.Read(
            session => session.List<ChatroomRow>(
                $"SELECT {ChatroomRow.Columns} FROM chatrooms WHERE account_id = @account AND id < @before ORDER BY id DESC LIMIT @limit",
                new { account, before = beforeId ?? long.MaxValue, limit = limit ?? int.MaxValue },
                stop),
            stop)).Reverse(),
    ];

    /// <summary>Null when the account has no such room.</summary>
    public Task<ChatroomRow?> Change(AccountId account, long id, string? name, string? pays, CancellationToken stop) => database.Write<ChatroomRow?>(
        async transaction =>
        {
            var own = (await ChatAccounts.Lock(transaction, [account], stop))[account];
            if (await Find(transaction, account, id, stop) is not { } before)
            {
                return null;
            }

            var after = new ChatroomRow { AccountId = account, Id = id, Name = name ?? before.Name, Pays = pays ?? before.Pays, CreatedAt = before.CreatedAt };
            await transaction.Execute(
                "UPDATE chatrooms SET name = @Name, pays = @Pays WHERE account_id = @account AND id = @id", new { after.Name, after.Pays, account, id }, stop);
            Changed(transaction, own);
            return after;
        },
        stop);

    /// <summary>With all its messages. False when the account has no such room.</summary>
    public Task<bool> Delete(AccountId account, long id, CancellationToken stop) => database.Write(
        async transaction =>
        {
            var own = (await ChatAccounts.Lock(transaction, [account], stop))[account];
            if (await transaction.Execute("DELETE FROM chatrooms WHERE account_id = @account AND id = @id", new { account, id }, stop) == 0)
            {
                return false;
            }

            own.Waiting -= await transaction.One<long>(
                """
                SELECT COUNT(*) FROM chat_messages m WHERE m.account_id = @account AND m.room_id = @id AND m.sender = 'user' AND NOT EXISTS (
                    SELECT 1 FROM chat_messages a WHERE a.account_id = m.account_id AND a.room_id = m.room_id AND a.answers = m.id)
                """,
                new { account, id },
                stop);
            await transaction.Execute("DELETE FROM chat_messages WHERE account_id = @account AND room_id = @id", new { account, id }, stop);
            Changed(transaction, own);
            channels.Publish(transaction, account, "room_deleted", new { RoomId = id }, RoomTopic.Of(id));
            return true;
        },
        stop);

    /// <summary>The newest messages of a room, the oldest of them first.</summary>
    public async Task<IReadOnlyList<MessageRow>> Messages(AccountId account, long room, int limit, long? beforeId, CancellationToken stop) =>
    [
        .. (await database.Read(
            session => session.List<MessageRow>(
                $"SELECT {MessageRow.Columns} FROM chat_messages WHERE account_id = @account AND room_id = @room AND id < @before ORDER BY id DESC LIMIT @limit",
                new { account, room, before = beforeId ?? long.MaxValue, limit },
                stop),
            stop)).Reverse(),
    ];

    /// <summary>The messages after this one, in order.</summary>
    public Task<IReadOnlyList<MessageRow>> MessagesAfter(AccountId account, long room, long after, int limit, CancellationToken stop) => database.Read(
        session => session.List<MessageRow>(
            $"SELECT {MessageRow.Columns} FROM chat_messages WHERE account_id = @account AND room_id = @room AND id > @after ORDER BY id LIMIT @limit",
            new { account, room, after, limit },
            stop),
        stop);

    // Those that are made at the same time share a transaction.
    private async Task Make(Transaction transaction, IReadOnlyList<RoomOrder> orders)
    {
        var now = clock.GetUtcNow();
        var accounts = await ChatAccounts.Lock(transaction, orders.Select(order => order.Account), CancellationToken.None);
        foreach (var order in orders)
        {
            // Made by a transaction that was thought to have failed.
            if (order.Made is { } made && await Find(transaction, order.Account, made.Id, CancellationToken.None) is { } there
                && (there.Name, there.CreatedAt) == (made.Name, DateTimeOffset.FromUnixTimeMilliseconds(made.CreatedAt.ToUnixTimeMilliseconds())))
            {
                continue;
            }

            var own = accounts[order.Account];
            own.RoomsVersion++;
            order.Made = new ChatroomRow { AccountId = order.Account, Id = own.NextId(now), Name = order.Name, Pays = order.Pays, CreatedAt = now };
            transaction.Defer(
                "INSERT INTO chatrooms (account_id, id, name, pays, created_at) SELECT r.account, r.id, r.name, r.pays, r.now FROM {rows}",
                new NewRoom(order.Account, order.Made.Id, order.Name, order.Pays, now));
            await (order.AlsoWithin?.Invoke(transaction, order.Made) ?? Task.CompletedTask);
        }

        foreach (var own in accounts.Values)
        {
            ChatAccounts.Save(transaction, own);
        }
    }

    private static void Changed(Transaction transaction, ChatAccount own)
    {
        own.RoomsVersion++;
        ChatAccounts.Save(transaction, own);
    }

    private static Task<ChatroomRow?> Find(Session session, AccountId account, long id, CancellationToken stop) =>
        session.Maybe<ChatroomRow>($"SELECT {ChatroomRow.Columns} FROM chatrooms WHERE account_id = @account AND id = @id", new { account, id }, stop);

    private sealed record RoomOrder(AccountId Account, string Name, string Pays)
    {
        public Func<Transaction, ChatroomRow, Task>? AlsoWithin { get; init; }

        public ChatroomRow? Made { get; set; }
    }

    private readonly record struct NewRoom(AccountId Account, long Id, string Name, string Pays, DateTimeOffset Now);
}
