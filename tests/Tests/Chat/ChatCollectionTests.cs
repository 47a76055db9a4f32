using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Tests.Billing;
using Tests.Identity;
using Xunit;

namespace Tests.Chat;

/// <summary>Every request of the chat collection (C5.1 to C5.9), as it sends them, with the tests that it runs on each answer.</summary>
public class ChatCollectionTests
{
    private const string Phone = "+1234567890";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_collection_runs_from_its_first_request_to_its_last(int count)
    {
        await using var world = await Rooms.World(count == 1 ? "sqlite" : "postgres", ("STRIPE_SYNC_CATALOGUE", "true"));
        var nodes = count == 1 ? [world.Client] : new[] { world.Client, await world.StartNode() };
        var collection = new Collection(nodes);

        // C5.1: repeatable, with and without a password.
        foreach (var body in new object[] { new { mobile_number = Phone, password = "testpassword123" }, new { mobile_number = Phone, password = "testpassword123" }, new { mobile_number = Phone } })
        {
            await collection.Send(HttpMethod.Post, "/auth/signup", body);
        }

        // C5.2, C5.3: the demo script takes the code from the answer.
        var otp = (await collection.Send(HttpMethod.Post, "/auth/send-otp", new { mobile_number = Phone })).Text("otp");
        await SignIn(collection, otp);

        // C5.4, C5.2: the new password in the body, and as the reference has it in the query.
        otp = (await collection.Send(HttpMethod.Post, "/auth/forgot-password", new { mobile_number = Phone })).Text("otp");
        await collection.Send(HttpMethod.Post, "/auth/reset-password", new { mobile_number = Phone, otp, new_password = "newpassword123" });
        otp = (await collection.Send(HttpMethod.Post, "/auth/forgot-password", new { mobile_number = Phone })).Text("otp");
        await collection.Send(HttpMethod.Post, "/auth/reset-password?new_password=newpassword456", new { mobile_number = Phone, otp });
        await SignIn(collection, (await collection.Send(HttpMethod.Post, "/auth/send-otp", new { mobile_number = Phone })).Text("otp"));

        // C5.5: both names of the old one.
        await collection.Send(HttpMethod.Post, "/auth/change-password", new { current_password = "newpassword456", new_password = "newpassword789" });
        await collection.Send(HttpMethod.Post, "/auth/change-password", new { old_password = "newpassword789", new_password = "testpassword123" });

        // C5.6
        Assert.Equal(Phone, (await collection.Send(HttpMethod.Get, "/user/me")).Text("mobile_number"));
        Assert.Equal(5, (await collection.Send(HttpMethod.Get, "/user/usage")).GetProperty("daily_limit").GetInt32());
        var room = (await collection.Send(HttpMethod.Post, "/chatroom/", new { name = "Test Chatroom" })).GetProperty("id");
        Assert.Equal(JsonValueKind.Number, room.ValueKind);
        Assert.Contains((await collection.Send(HttpMethod.Get, "/chatroom/")).EnumerateArray(), one => one.GetProperty("id").GetInt64() == room.GetInt64());
        await collection.Send(HttpMethod.Get, $"/chatroom/{room}");
        var message = await collection.Send(HttpMethod.Post, $"/chatroom/{room}/message", new { content = "Hello, how are you?" });
        Assert.Equal(("message queued", JsonValueKind.Number), (message.Text("status"), message.GetProperty("message_id").ValueKind));

        // C5.7, C5.8
        Assert.StartsWith("http", (await collection.Send(HttpMethod.Post, "/subscription/pro")).Text("checkout_url"), StringComparison.Ordinal);
        Assert.Equal("basic", (await collection.Send(HttpMethod.Get, "/subscription/status")).Text("status"));
        var news = $$"""{"id":"evt_{{Guid.NewGuid():N}}","object":"event","created":{{world.Clock.GetUtcNow().ToUnixTimeSeconds()}},"livemode":false,"type":"charge.updated","data":{"object":{"id":"ch_1","object":"charge"} } }""";
        Assert.Equal("success", (await collection.Send(HttpMethod.Post, "/webhook/stripe", news, Shop.Signature(news, "whsec_sandbox", world.Clock.GetUtcNow()))).Text("status"));

        // C5.9
        await collection.Send(HttpMethod.Get, "/");
    }

    private static async Task SignIn(Collection collection, string? otp)
    {
        var signedIn = await collection.Send(HttpMethod.Post, "/auth/verify-otp", new { mobile_number = Phone, otp });
        Assert.Equal("bearer", signedIn.Text("token_type"));
        collection.Token = signedIn.Text("access_token");
        Assert.False(string.IsNullOrEmpty(collection.Token));
    }

    /// <summary>Sends to one node after the other, and holds every answer against the collection's global tests: 200 or 201, and JSON.</summary>
    private sealed class Collection(IReadOnlyList<HttpClient> nodes)
    {
        private int sent;

        public string? Token { get; set; }

        public async Task<JsonElement> Send(HttpMethod method, string path, object? body = null, string? signature = null)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
            request.Headers.Authorization = Token is null ? null : new AuthenticationHeaderValue("Bearer", Token);
            request.Content = body is null ? null : People.Raw(body as string ?? JsonSerializer.Serialize(body), "application/json");
            if (signature is not null)
            {
                request.Headers.TryAddWithoutValidation("stripe-signature", signature);
            }

            using var answer = await nodes[sent++ % nodes.Count].SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{method} {path}: {(int)answer.StatusCode} {text}");
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
            return JsonDocument.Parse(text).RootElement;
        }
    }
}
