using System.Net;
using System.Text.Json;
using Tests.Identity;
using Tests.Persistence;
using Xunit;

namespace Tests.Chat;

public class RoomTests
{
    [Theory, EveryDatabase]
    public async Task A_room_is_in_the_list_at_once_on_every_node_whatever_was_kept_there(string engine)
    {
        await using var world = await Rooms.World(engine);
        var second = await world.StartNode();
        var token = await world.Client.SignedIn();
        List<long> made = [];
        for (var i = 0; i < 30; i++)
        {
            var (here, there) = i % 2 == 0 ? (world.Client, second) : (second, world.Client);
            await List(there, token);
            made.Add(await here.CreateRoom(token, $"Room {i}"));
            Assert.Equal(made, await List(there, token));
            Assert.Equal(made, await List(here, token));
        }

        using var renamed = await second.Send(HttpMethod.Patch, $"/chatroom/{made[3]}", token, new { name = "Another" });
        Assert.Equal("Another", (await Rooms.Ok(renamed)).Text("name"));
        using var listed = await world.Client.Send(HttpMethod.Get, "/chatroom/", token);
        Assert.Equal("Another", (await Rooms.Ok(listed))[3].Text("name"));
        using var deleted = await world.Client.Send(HttpMethod.Delete, $"/chatroom/{made[3]}", token);
        await Rooms.Ok(deleted);
        made.RemoveAt(3);
        Assert.Equal(made, await List(second, token));
        using var page = await second.Send(HttpMethod.Get, $"/chatroom/?limit=2&before_id={made[10]}", token);
        Assert.Equal([made[8], made[9]], (await Rooms.Ok(page)).EnumerateArray().Select(room => room.GetProperty("id").GetInt64()));
    }

    [Fact]
    public async Task Other_peoples_rooms_are_not_there()
    {
        await using var world = await Rooms.World();
        var (alice, bob) = (await world.Client.SignedIn(), await world.Client.SignedIn("+15550100777"));
        var room = await world.Client.CreateRoom(alice);
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, "", null), (HttpMethod.Get, "/export", null), (HttpMethod.Get, "/events", null), (HttpMethod.Post, "/message", new { content = "Hello" }),
            (HttpMethod.Patch, "", new { name = "Mine" }), (HttpMethod.Put, "", new { name = "Mine" }), (HttpMethod.Delete, "", null),
        })
        {
            await People.Refused(HttpStatusCode.NotFound, "Chatroom not found", await world.Client.Send(method, $"/chatroom/{room}{path}", bob, body));
            await People.Refused(HttpStatusCode.NotFound, "Chatroom not found", await world.Client.Send(method, $"/chatroom/{room + 1}{path}", alice, body));
            await People.Refused(HttpStatusCode.NotFound, "Chatroom not found", await world.Client.Send(method, $"/chatroom/99999999999999999999{path}", alice, body));
        }

        Assert.Equal(0, (await world.Client.Usage(bob)).GetProperty("used_today").GetInt32());
        Assert.Equal([room], await List(world.Client, alice));
    }

    [Theory]
    [InlineData("POST", "/chatroom/", """{"name":""}""", "name")]
    [InlineData("POST", "/chatroom/", """{"name":"   "}""", "name")]
    [InlineData("POST", "/chatroom/", """{}""", "name")]
    [InlineData("POST", "/chatroom/", """{"name":7}""", "name")]
    [InlineData("POST", "/chatroom/", """{"name":"a\u0000b"}""", "name")]
    [InlineData("POST", "/chatroom/", """{"name":"a\nb"}""", "name")]
    [InlineData("POST", "/chatroom/", """{"name":"Room","pays":"gold"}""", "pays")]
    [InlineData("POST", "/chatroom/", """["name"]""", "")]
    [InlineData("POST", "/chatroom/{room}/message", """{"content":""}""", "content")]
    [InlineData("POST", "/chatroom/{room}/message", """{"content":null}""", "content")]
    [InlineData("POST", "/chatroom/{room}/message", """{"content":"a\u0000b"}""", "content")]
    [InlineData("POST", "/chatroom/{room}/message", """{"content":"a\u001bb"}""", "content")]
    [InlineData("POST", "/chatroom/abc/message", """{"content":"Hello"}""", "chatroom_id")]
    [InlineData("POST", "/chatroom/-1/message", """{"content":"Hello"}""", "chatroom_id")]
    [InlineData("GET", "/chatroom/1.5", null, "chatroom_id")]
    [InlineData("GET", "/chatroom/{room}?limit=0", null, "limit")]
    [InlineData("GET", "/chatroom/{room}?limit=1001", null, "limit")]
    [InlineData("GET", "/chatroom/{room}?limit=many", null, "limit")]
    [InlineData("GET", "/chatroom/?before_id=x", null, "before_id")]
    [InlineData("GET", "/chatroom/{room}/events?last_event_id=x", null, "last_event_id")]
    public async Task What_is_wrong_is_named_and_leaves_nothing(string method, string path, string? body, string field)
    {
        await using var world = await Rooms.World();
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("{room}", $"{room}", StringComparison.Ordinal))
        {
            Content = body is null ? null : People.Raw(body, "application/json"),
            Headers = { Authorization = new("Bearer", token) },
        };
        using var answer = await world.Client.SendAsync(request);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, $"{(int)answer.StatusCode}: {said}");
        var first = JsonDocument.Parse(said).RootElement.GetProperty("detail")[0];
        Assert.Equal(field, field.Length == 0 ? "" : first.GetProperty("loc").EnumerateArray().Last().GetString());
        Assert.Equal([room], await List(world.Client, token));
        Assert.Empty(await world.Client.Read(token, room));
        Assert.Equal(0, (await world.Client.Usage(token)).GetProperty("used_today").GetInt32());
    }

    [Fact]
    public async Task Lengths_are_counted_as_people_count_them()
    {
        await using var world = await Rooms.World();
        var token = await world.Client.SignedIn();
        var smileys = string.Concat(Enumerable.Repeat("😀", 200));
        var room = await world.Client.CreateRoom(token, smileys);
        using var longer = await world.Client.Send(HttpMethod.Post, "/chatroom/", token, new { name = smileys + "😀" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, longer.StatusCode);
        await world.Client.Post(token, room, new string('é', 8000));
        using var long2 = await world.Client.Say(token, room, new string('é', 8001));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, long2.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/chatroom/")
        {
            Content = People.Raw($$"""{"name":"{{new string('x', 10_000_000)}}"}""", "application/json"),
            Headers = { Authorization = new("Bearer", token) },
        };
        using var huge = await world.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
    }

    [Fact]
    public async Task An_export_has_the_whole_room_and_the_same_key_makes_one_room()
    {
        await using var world = await Rooms.World();
        var token = await world.Client.SignedIn();
        List<long> made = [];
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/chatroom/") { Content = People.Raw("""{"name":"Once"}""", "application/json") };
            request.Headers.Add("Authorization", $"Bearer {token}");
            request.Headers.Add("Idempotency-Key", "room-1");
            using var answer = await world.Client.SendAsync(request);
            made.Add((await Rooms.Ok(answer)).GetProperty("id").GetInt64());
        }

        var room = Assert.Single(made.Distinct());
        Assert.Equal([room], await List(world.Client, token));
        await world.Client.Post(token, room, "Keep this.");
        await world.Client.Until(token, room, 2);
        using var export = await world.Client.Send(HttpMethod.Get, $"/chatroom/{room}/export", token);
        var whole = await Rooms.Ok(export);
        Assert.Equal("attachment", export.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("Once", whole.Text("name"));
        Assert.Equal(["user", "bot"], whole.GetProperty("messages").EnumerateArray().Select(message => message.Text("sender")));
    }

    private static async Task<IEnumerable<long>> List(HttpClient node, string token)
    {
        using var answer = await node.Send(HttpMethod.Get, "/chatroom/", token);
        return [.. (await Rooms.Ok(answer)).EnumerateArray().Select(room => room.GetProperty("id").GetInt64())];
    }
}
