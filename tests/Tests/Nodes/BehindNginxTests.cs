using System.Net;
using System.Net.Sockets;
using System.Text;
using Soak;
using Tests.Chat;
using Tests.Identity;
using Tests.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Nodes;

public sealed class BehindNginxTests
{
    [Fact]
    public async Task Two_nodes_behind_the_proxy_are_one_product_and_one_may_die()
    {
        await using var world = await Rooms.World("postgres", ("RUN_JOBS", "false"));
        Dictionary<string, string> settings = new()
        {
            ["REDIS_URL"] = await RedisServer.Address,
            ["REDIS_PREFIX"] = Node.NewPrefix(),
            ["TRUSTED_PROXIES"] = "127.0.0.1",
            ["PASSWORD_ITERATIONS"] = "1000",
            ["RATELIMIT_EVERYTHING"] = "1000000",
            ["STRIPE_SYNC_CATALOGUE"] = "false",
        };
        var started = await Task.WhenAll(
            NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, new(settings)), NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, new(settings)));
        await using var one = started[0];
        await using var two = started[1];
        var (server, client) = await NginxProcess.Start(one.Client.BaseAddress!, two.Client.BaseAddress!);
        await using var nginx = server;
        using var proxy = client;

        // Passwords are counted for the client that nginx names, over both nodes; a client cannot name itself. Signing up was the first try.
        await proxy.SignUp("ada@example.com", "the right one");
        List<int> statuses = [];
        for (var attempt = 2; attempt <= 8; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/login")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada@example.com", ["password"] = "a wrong one" }),
                Headers = { { "X-Forwarded-For", $"203.0.113.{attempt}" } },
            };
            using var refused = await proxy.SendAsync(request);
            statuses.Add((int)refused.StatusCode);
        }

        Assert.Equal([401, 401, 401, 401, 429, 429, 429], statuses);

        // Live events pass through as they come: the model waits for us in the middle of its answer.
        var token = await proxy.SignedIn();
        var room = await proxy.CreateRoom(token);
        await world.Script(new { chunks = new[] { "One, ", "two." }, pause_after = new[] { 1 } });
        var readers = new List<EventReader>();
        for (var i = 0; i < 4; i++)
        {
            readers.Add(await EventReader.Open(proxy, path: $"/chatroom/{room}/events", token: token));
            Assert.Equal("connected", (await readers[i].Next())!.Type);
        }

        await proxy.Post(token, room, "Count!");
        foreach (var reader in readers)
        {
            Assert.Equal("message", (await reader.Next())!.Type);
            Assert.Equal("One, ", (await reader.Next())!.Data.Text("text"));
        }

        await world.Control("/_sandbox/gemini/release", new { });
        foreach (var reader in readers)
        {
            var next = await reader.Next();
            Assert.Equal("One, two.", (next!.Type == "reply_delta" ? (await reader.Next())! : next).Data.GetProperty("message").Text("content"));
            reader.Dispose();
        }

        // 25 MiB of audio and some more are the server's to refuse, in its own words.
        using var huge = await proxy.PostAsync("/auth/register", People.Raw($$"""{"email":"{{new string('x', 2_000_000)}}"}""", "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
        Assert.Contains("detail", await huge.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Half the servers are gone: nobody is told so.
        await one.Kill();
        for (var i = 0; i < 20; i++)
        {
            Assert.Single((await Rooms.Ok(await proxy.Send(HttpMethod.Get, "/chatroom/", token))).EnumerateArray());
        }

        await proxy.Post(token, room, "Still there?");
        Assert.Equal(4, (await proxy.Until(token, room, 4)).Count);
    }

    [Fact]
    public async Task A_web_socket_and_what_the_client_asked_for_reach_the_node()
    {
        using var node = new TcpListener(IPAddress.Loopback, 0);
        node.Start();
        var address = new Uri($"http://{node.LocalEndpoint}");
        var (server, client) = await NginxProcess.Start(address, address);
        await using var nginx = server;
        using var proxy = client;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/media-stream");
        request.Headers.Host = "api.example.org";
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        var asked = proxy.SendAsync(request);
        using var arrived = await node.AcceptTcpClientAsync();
        using var lines = new StreamReader(arrived.GetStream());
        List<string> head = [];
        while (await lines.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Add(line.ToLowerInvariant());
        }

        foreach (var expected in new[]
        {
            "get /media-stream http/1.1", "connection: upgrade", "upgrade: websocket", "host: api.example.org", "x-forwarded-host: api.example.org", "x-forwarded-for: 127.0.0.1",
            "x-forwarded-proto: http",
        })
        {
            Assert.Contains(expected, head);
        }

        await arrived.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.SwitchingProtocols, answer.StatusCode);
    }
}
