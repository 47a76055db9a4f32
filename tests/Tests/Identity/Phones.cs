using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>Signs people up and in by phone, as the chat collection does.</summary>
internal static class Phones
{
    public const string Number = "+15550100123";
    public const string Nobody = "+15550100999";

    /// <summary>A world that says no codes and tells no number from another, as in production.</summary>
    public static Task<TestWorld> Discreet(string engine = "sqlite", params (string Name, string? Value)[] settings) =>
        People.World(engine, [("OTP_ECHO_IN_RESPONSE", "false"), .. settings]);

    public static Task<HttpResponseMessage> SignUpPhone(this HttpClient node, string number = Number, string? password = null) =>
        node.PostAsJsonAsync("/auth/signup", password is null ? (object)new { mobile_number = number } : new { mobile_number = number, password });

    public static Task<HttpResponseMessage> SendOtp(this HttpClient node, string number = Number) =>
        node.PostAsJsonAsync("/auth/send-otp", new { mobile_number = number });

    public static Task<HttpResponseMessage> Forgot(this HttpClient node, string number = Number) =>
        node.PostAsJsonAsync("/auth/forgot-password", new { mobile_number = number });

    public static Task<HttpResponseMessage> Verify(this HttpClient node, string otp, string number = Number) =>
        node.PostAsJsonAsync("/auth/verify-otp", new { mobile_number = number, otp });

    public static Task<HttpResponseMessage> Reset(this HttpClient node, string otp, string password, string number = Number) =>
        node.PostAsJsonAsync("/auth/reset-password", new { mobile_number = number, otp, new_password = password });

    public static Task<HttpResponseMessage> ChangePassword(this HttpClient node, string? token, object body) =>
        node.Send(HttpMethod.Post, "/auth/change-password", token, body);

    /// <summary>Exactly 200 with this message alone.</summary>
    public static async Task Said(string message, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal((HttpStatusCode.OK, JsonSerializer.Serialize(new { message })), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    /// <summary>The code in a development answer.</summary>
    public static async Task<string> CodeIn(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Json();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
            var code = body.Text("otp")!;
            Assert.Matches("^[1-9][0-9]{5}$", code);
            return code;
        }
    }

    /// <summary>Exactly 200, with the two fields of a token.</summary>
    public static async Task<string> TokenIn(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Json();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
            Assert.Equal(["access_token", "token_type"], body.EnumerateObject().Select(field => field.Name));
            Assert.Equal("bearer", body.Text("token_type"));
            return body.Text("access_token")!;
        }
    }

    /// <summary>A new account that is signed in.</summary>
    public static async Task<string> SignedIn(this HttpClient node, string number = Number, string? password = null)
    {
        await Said("User registered", await node.SignUpPhone(number, password));
        return await node.SignInAgain(number);
    }

    public static async Task<string> SignInAgain(this HttpClient node, string number = Number) =>
        await TokenIn(await node.Verify(await CodeIn(await node.SendOtp(number)), number));

    public static async Task<JsonElement> Me(this HttpClient node, string token)
    {
        using var answer = await node.Send(HttpMethod.Get, "/user/me", token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Json();
    }

    /// <summary>Another code than this one.</summary>
    public static string Other(string code) => code == "123456" ? "654321" : "123456";

    /// <summary>What came to the phone, newest first.</summary>
    public static async Task<IReadOnlyList<string>> Inbox(this TestWorld world, string number = Number) =>
        [.. (await world.Control($"/_sandbox/messages?to={Uri.EscapeDataString(number)}")).EnumerateArray().Select(message => message.GetProperty("text").GetString()!)];

    /// <summary>Waits for the phone's message of this number, the first being 1, and reads the code in it.</summary>
    public static async Task<string> CodeOnPhone(this TestWorld world, int message = 1, string number = Number)
    {
        await TestWorld.Until(async () => (await world.Inbox(number)).Count >= message, $"message {message} came to {number}");
        var text = (await world.Inbox(number))[0];
        Assert.Equal(message, (await world.Inbox(number)).Count);
        Assert.Matches("^[1-9][0-9]{5} is your code to (sign in|set a new password)\\. ", text);
        return text[..6];
    }
}
