using System.Net;
using System.Text.Json;
using Tests.Billing;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Chat;

/// <summary>The proofs of the chat product by their numbers: load, refusals, and nodes that die.</summary>
public class ChatRobustnessTests
{
    private const int Rounds = 3;
    private const int HealthRounds = 12;
    private static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Proof_62_256_signed_in_requests_at_once_all_succeed_and_health_answers_meanwhile()
    {
        await using var world = await Rooms.World("postgres");
        await using var node = await ChatNodes.Node(world);
        var token = await node.Client.SignedIn();
        var room = await node.Client.CreateRoom(token);
        string[] paths = ["/user/me", "/user/usage", "/chatroom/", $"/chatroom/{room}", "/subscription/status"];

        // In its first seconds a server compiles more than it answers, and the machine may be busy with something else for a while.
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < HealthRounds && best >= Prompt; round++)
        {
            var waiting = Task.WhenAll(Enumerable.Range(0, 256).Select(async i =>
            {
                for (var again = 0; again < 4; again++)
                {
                    using var answer = await node.Client.Send(HttpMethod.Get, paths[(i + again) % paths.Length], token);
                    await Rooms.Ok(answer);
                }
            }));
            List<TimeSpan> health = [];
            while (!waiting.IsCompleted)
            {
                var asked = TimeProvider.System.GetTimestamp();
                using var answer = await node.Client.GetAsync("/health");
                health.Add(TimeProvider.System.GetElapsedTime(asked));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            await waiting;
            health.Sort();
            best = new[] { best, health[health.Count / 2] }.Min();
        }

        Assert.True(best < Prompt, $"/health took {best}");
    }

    // The figures of lists, rooms and profiles stand in bin/bench chat, each beside the predecessor's.
    [Fact]
    public async Task Proof_63_at_least_three_times_as_many_messages_a_second_as_before_none_of_them_slow()
    {
        await using var world = await Rooms.World("postgres", ("CHAT_MAX_WAITING", "100000"));
        await using var node = await ChatNodes.Node(world);
        var people = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            var token = await node.Client.SignedIn($"+1555010{i:0000}");
            await world.MakePro(token);
            return (Token: token, Room: await node.Client.CreateRoom(token));
        }));
        var best = (Rate: 0m, Slowest: TimeSpan.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var took = (await Task.WhenAll(people.Select(async person =>
            {
                List<TimeSpan> each = [];
                while (each.Count < 20)
                {
                    var asked = TimeProvider.System.GetTimestamp();
                    await node.Client.Post(person.Token, person.Room, "What is a ledger?");
                    each.Add(TimeProvider.System.GetElapsedTime(asked));
                }

                return each;
            }))).SelectMany(each => each).Order().ToList();
            var rate = took.Count / (decimal)TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            best = (Math.Max(best.Rate, rate), new[] { best.Slowest, took[took.Count * 99 / 100] }.Min());
        }

        Assert.True(best.Rate >= 3 * 54 && best.Slowest < TimeSpan.FromMilliseconds(296), $"{best.Rate:0} messages a second, p99 {best.Slowest}");
    }

    [Fact]
    public async Task Proof_66_every_documented_refusal_has_its_status_and_no_secret_reaches_answers_or_logs()
    {
        await using var world = await Rooms.World("sqlite", ("LOG_LEVEL", "TRACE"));
        var node = world.Client;
        List<string> answers = [];
        async Task Row(int status, string? detail, HttpMethod method, string path, string? token, object? body = null)
        {
            using var answer = await node.Send(method, path, token, body);
            var text = await answer.Content.ReadAsStringAsync();
            answers.Add(text);
            Assert.True(status == (int)answer.StatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
            Assert.True(detail is null || text == JsonSerializer.Serialize(new { detail }), $"{method} {path}: {text}");
        }

        const string password = "canary-password";
        var token = await node.SignedIn(password: password);
        var without = await node.SignedIn("+15550100124");
        var (room, paid) = (await node.CreateRoom(token), await node.CreateRoom(token, "Paid", "credits"));
        var reset = await Phones.CodeIn(await node.Forgot());
        var post = HttpMethod.Post;
        await Row(422, null, post, "/auth/signup", null, new { mobile_number = "canary-number" });
        await Row(400, "User not found", post, "/auth/send-otp", null, new { mobile_number = Phones.Nobody });
        await Row(401, "Invalid OTP", post, "/auth/verify-otp", null, new { mobile_number = Phones.Number, otp = "999999" });
        await Row(400, "Invalid OTP", post, "/auth/reset-password", null, new { mobile_number = Phones.Number, otp = Phones.Other(reset), new_password = "canary-new" });
        await Row(422, null, post, "/auth/reset-password", null, new { mobile_number = Phones.Number, otp = reset });
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        await Row(400, "OTP expired", post, "/auth/reset-password", null, new { mobile_number = Phones.Number, otp = reset, new_password = "canary-new" });
        await Row(400, "Invalid old password", post, "/auth/change-password", token, new { old_password = "canary-wrong", new_password = "canary-new" });
        await Row(400, "No password set for this user", post, "/auth/change-password", without, new { old_password = "canary-wrong", new_password = "canary-new" });
        await Row(422, null, post, "/auth/change-password", token, new { old_password = password });
        foreach (var path in new[] { "/user/me", "/user/usage", "/chatroom/", $"/chatroom/{room}", "/subscription/status" })
        {
            await Row(401, null, HttpMethod.Get, path, null);
            await Row(401, null, HttpMethod.Get, path, "canary-token");
        }

        await Row(422, null, post, "/chatroom/", token, new { name = "" });
        await Row(404, "Chatroom not found", HttpMethod.Get, $"/chatroom/{room + 1}", token);
        await Row(404, "Chatroom not found", post, $"/chatroom/{room}/message", without, new { content = "canary-content" });
        await Row(422, null, post, $"/chatroom/{room}/message", token, new { content = "" });
        await Row(402, null, post, $"/chatroom/{paid}/message", token, new { content = "canary-content" });
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 400 });
        for (var i = 0; i < 5; i++)
        {
            await node.Post(token, room, "canary-content");
        }

        await node.Until(token, room, 10);
        await Row(429, "Daily message limit exceeded. Upgrade to Pro for unlimited messages.", post, $"/chatroom/{room}/message", token, new { content = "canary-content" });
        await world.MakePro(token);
        await Row(400, "Already subscribed to Pro", post, "/subscription/pro", token);
        Assert.Equal((400, """{"error":"Invalid signature"}"""), await Webhook(node, "{}", "t=1,v1=canary"));
        Assert.Equal(
            (400, """{"error":"Invalid payload"}"""), await Webhook(node, "canary-payload", Shop.Signature("canary-payload", "whsec_sandbox", world.Clock.GetUtcNow())));

        string[] secrets = [password, "canary-new", "canary-wrong", "canary-token", "canary-content", "canary-number", token, without, "AIza-sandbox", "sk_test_sandbox"];
        LogScrub.AssertClean(world.Logs, [.. secrets, reset]);
        LogScrub.AssertClean(answers, [.. secrets.Except(["canary-number"])]);
    }

    [Fact]
    public async Task Proof_67_a_node_that_is_killed_under_load_and_started_again_leaves_plans_limits_rooms_and_sign_ins_as_they_were()
    {
        await using var nodes = await ChatNodes.Start();
        var (basic, pro) = (await nodes.First.Client.SignedIn(), await nodes.Second.Client.SignedIn("+15550100124"));
        await nodes.World.MakePro(pro);
        var (limited, free) = (await nodes.First.Client.CreateRoom(basic), await nodes.Second.Client.CreateRoom(pro));
        for (var i = 0; i < 3; i++)
        {
            await nodes.First.Client.Post(basic, limited, $"message {i}");
        }

        var accepted = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            try
            {
                using var answer = await nodes.Either(i).Say(pro, free, $"message {i}");
                _ = answer.IsSuccessStatusCode ? Interlocked.Increment(ref accepted) : 0;
            }
            catch (HttpRequestException)
            {
                // It was that node's last one.
            }
        }));
        await TestWorld.Until(() => Task.FromResult(Volatile.Read(ref accepted) >= 5), "messages are accepted");
        await nodes.KillFirst();
        await load;

        var node = nodes.First.Client;
        Assert.Equal("pro", (await node.Me(pro)).Text("subscription"));
        Assert.Equal(3, (await node.Usage(basic)).GetProperty("used_today").GetInt64());
        await node.Post(basic, limited, "message 3");
        await nodes.Second.Client.Post(basic, limited, "message 4");
        using var refused = await node.Say(basic, limited, "message 5");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await node.Until(basic, limited, 10);

        // Of those that got no answer some may have been accepted too; each is counted and answered.
        var used = (await node.Usage(pro)).GetProperty("used_today").GetInt64();
        Assert.InRange(used, accepted, 60);
        var said = await node.Until(pro, free, (int)used * 2);
        Assert.Equal(used, said.Select(one => one.Answers).OfType<long>().Distinct().Count());
        Assert.Equal(used + 5, await nodes.One<long>("SELECT COUNT(*) FROM usage_records WHERE action = 'chat_message'"));
    }

    private static async Task<(int Status, string Body)> Webhook(HttpClient node, string body, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhook/stripe") { Content = People.Raw(body, "application/json") };
        request.Headers.TryAddWithoutValidation("stripe-signature", signature);
        using var answer = await node.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
