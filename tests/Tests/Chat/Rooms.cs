using System.Net;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Chat;

/// <summary>Chats as the clients of the chat product do.</summary>
internal static class Rooms
{
    /// <summary>Without limits by the minute, which other tests count.</summary>
    public static Task<TestWorld> World(string engine = "sqlite", params (string Name, string? Value)[] settings) => People.World(engine, settings);

    public static async Task<long> CreateRoom(this HttpClient node, string token, string name = "Room", string? pays = null)
    {
        using var answer = await node.Send(HttpMethod.Post, "/chatroom/", token, pays is null ? new { name } : new { name, pays });
        return (await Ok(answer)).GetProperty("id").GetInt64();
    }

    public static Task<HttpResponseMessage> Say(this HttpClient node, string token, long room, string content) =>
        node.Send(HttpMethod.Post, $"/chatroom/{room}/message", token, new { content });

    /// <summary>An accepted message's id.</summary>
    public static async Task<long> Post(this HttpClient node, string token, long room, string content)
    {
        using var answer = await node.Say(token, room, content);
        var body = await Ok(answer);
        Assert.Equal("message queued", body.Text("status"));
        return body.GetProperty("message_id").GetInt64();
    }

    public static async Task<IReadOnlyList<Said>> Read(this HttpClient node, string token, long room)
    {
        using var answer = await node.Send(HttpMethod.Get, $"/chatroom/{room}", token);
        return
        [
            .. (await Ok(answer)).GetProperty("messages").EnumerateArray().Select(message => new Said(
                message.GetProperty("id").GetInt64(), message.Text("sender")!, message.Text("content")!,
                message.GetProperty("answers").ValueKind == JsonValueKind.Null ? null : message.GetProperty("answers").GetInt64())),
        ];
    }

    /// <summary>Waits until the room has so many messages.</summary>
    public static async Task<IReadOnlyList<Said>> Until(this HttpClient node, string token, long room, int messages)
    {
        IReadOnlyList<Said> said = [];
        await TestWorld.Until(async () => (said = await node.Read(token, room)).Count >= messages, $"room {room} has {messages} messages");
        Assert.Equal(messages, said.Count);
        return said;
    }

    public static async Task<JsonElement> Usage(this HttpClient node, string token)
    {
        using var answer = await node.Send(HttpMethod.Get, "/user/usage", token);
        return await Ok(answer);
    }

    /// <summary>Gives the account Pro as a store's news would.</summary>
    public static async Task MakePro(this TestWorld world, string token, string status = "active")
    {
        var account = await world.AccountOf(token);
        var now = world.Clock.GetUtcNow();
        var entitlements = world.Get<Entitlements>();
        await world.Database.Write(transaction => entitlements.Put(
            transaction,
            new EntitlementFacts(account, PlanProduct.ChatPro, "chat_pro", 1, PlanStore.AppStore, "purchase_test", status, now, now.AddDays(30), false, null, null)));
    }

    public static async Task<AccountId> AccountOf(this TestWorld world, string token)
    {
        var number = (await world.Client.Me(token)).GetProperty("id").GetInt64();
        return AccountId.Parse(await world.Database.Read(session => session.One<string>("SELECT account_id FROM accounts WHERE number = @number", new { number })));
    }

    public static T Get<T>(this TestWorld world)
        where T : notnull => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<T>(world.Services);

    /// <summary>What the sandbox's model is to answer next.</summary>
    public static Task<JsonElement> Script(this TestWorld world, object reply) => world.Control("/_sandbox/gemini/replies", reply);

    public static async Task<JsonElement> Ok(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}

/// <summary>A message of a room.</summary>
internal sealed record Said(long Id, string Sender, string Content, long? Answers);
