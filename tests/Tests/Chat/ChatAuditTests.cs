using Ledgerline;
using Tests.Identity;
using Tests.Persistence;
using Xunit;

namespace Tests.Chat;

public sealed class ChatAuditTests
{
    [Theory, EveryDatabase]
    public async Task What_waits_is_counted_again_and_what_nobody_will_answer_is_found(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        var message = await world.Client.Post(token, room, "Hello");
        await world.Client.Until(token, room, 2);
        var account = await world.AccountOf(token);
        Assert.Empty(await Differences());

        await Change("UPDATE chat_accounts SET waiting = 1");
        Assert.Equal([$"1 messages of account {account} stand as waiting where 0 have no answer."], await Differences());

        await Change("DELETE FROM chat_messages WHERE answers IS NOT NULL");
        Assert.Equal([$"Message {message} in room {room} of account {account} has no answer, and no job writes one."], await Differences());

        await Change("DELETE FROM chat_messages");
        await Change("UPDATE chat_accounts SET waiting = 0");

        async Task<IReadOnlyList<string>> Differences() => (await Verbs.Audit(world.FirstNode)).Differences;
        Task<int> Change(string sql) => world.Database.Write(transaction => transaction.Execute(sql));
    }
}
