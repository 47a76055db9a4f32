using System.Net;
using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>Whatever is sent: 422 in the list form, 413, or the refusal that is due; never a 500.</summary>
public sealed class PhoneInputTests
{
    private const string NoNumber = "The number must be + and 7 to 15 digits, such as +15550100123, or ten digits of North America";
    private const string NoPassword = "The password must have 1 to 256 characters";

    [Fact]
    public async Task What_is_no_number_is_named_on_every_route()
    {
        await using var world = await People.World();
        string[] none = ["\"\"", "\"+\"", "\"hello\"", "\"+1555010012345678\"", "\"0015550100123\"", "\"+1555\\u00000100123\"", "\"+1555\\n0100123\"", "\"+15550100123' OR '1'='1\"", $"\"{new string('5', 100_000)}\""];
        foreach (var path in new[] { "signup", "send-otp", "verify-otp", "forgot-password", "reset-password" })
        {
            foreach (var number in none)
            {
                await Wrong(world, path, $$"""{"mobile_number":{{number}},"otp":"123456","new_password":"new"}""", ["body", "mobile_number"], NoNumber, "value_error");
            }

            foreach (var number in new[] { "15550100123", "1.5", "true", "[]", "{}", "[\"+15550100123\"]", "\"+1555\\ud800\"" })
            {
                await Wrong(world, path, $$"""{"mobile_number":{{number}},"otp":"123456","new_password":"new"}""", ["body", "mobile_number"], "Not a valid value", "json_invalid");
            }

            await Wrong(world, path, "{}", ["body", "mobile_number"], "Field required", "missing");
            await Wrong(world, path, """{"mobile_number":null}""", ["body", "mobile_number"], "Field required", "missing");
            await Wrong(world, path, "", ["body"], "Not valid JSON", "json_invalid");
            await Wrong(world, path, """{"mobile_number":"+15550100123" """, ["body"], "Not valid JSON", "json_invalid");
            await Wrong(world, path, "null", ["body"], "Field required", "missing");
            await Wrong(world, path, "[]", ["body"], null, "json_invalid");
        }
    }

    [Theory]
    [InlineData("signup", """{"mobile_number":"+15550100123","password":""}""", "body.password", NoPassword)]
    [InlineData("signup", """{"mobile_number":"+15550100123","password":7}""", "body.password", "Not a valid value")]
    [InlineData("verify-otp", """{"mobile_number":"+15550100123"}""", "body.otp", "Field required")]
    [InlineData("verify-otp", """{"mobile_number":"+15550100123","otp":123456}""", "body.otp", "Not a valid value")]
    [InlineData("reset-password", """{"mobile_number":"+15550100123","new_password":"x"}""", "body.otp", "Field required")]
    [InlineData("reset-password", """{"mobile_number":"+15550100123","otp":"123456"}""", "body.new_password", "Field required")]
    [InlineData("reset-password", """{"mobile_number":"+15550100123","otp":"123456","new_password":""}""", "body.new_password", NoPassword)]
    [InlineData("reset-password?new_password=", """{"mobile_number":"+15550100123","otp":"123456"}""", "query.new_password", NoPassword)]
    public async Task A_field_that_is_wrong_is_named(string path, string body, string location, string message)
    {
        await using var world = await People.World();
        await Wrong(world, path, body, location.Split('.'), message, null);
    }

    [Fact]
    public async Task The_change_of_a_password_names_its_fields_too()
    {
        await using var world = await People.World();
        var token = await world.Client.SignedIn(password: "old");
        await Wrong(world, "change-password", """{"new_password":"new"}""", ["body", "old_password"], "Field required", "missing", token);
        await Wrong(world, "change-password", """{"old_password":"old"}""", ["body", "new_password"], "Field required", "missing", token);
        await Wrong(world, "change-password", """{"old_password":["old"],"new_password":"new"}""", ["body", "old_password"], "Not a valid value", "json_invalid", token);
        await Wrong(world, "change-password", $$"""{"old_password":"old","new_password":"{{new string('x', 257)}}"}""", ["body", "new_password"], NoPassword, "value_error", token);
        await People.Refused(HttpStatusCode.BadRequest, "Invalid old password", await world.Client.ChangePassword(token, new { old_password = new string('x', 500_000), new_password = "new" }));
    }

    [Fact]
    public async Task Any_text_is_a_wrong_code()
    {
        await using var world = await People.World();
        using (await world.Client.SignUpPhone())
        {
        }

        foreach (var code in new[] { "", " ", "12345", "1234567", "abcdef", "１２３４５６", "12\u000034", "' OR '1'='1", "-12345", new string('1', 500_000) })
        {
            (await world.Client.SendOtp()).Dispose();
            await People.Refused(HttpStatusCode.Unauthorized, "Invalid OTP", await world.Client.Verify(code));
            await People.Refused(HttpStatusCode.BadRequest, "Invalid OTP", await world.Client.Reset(code, "new"));
        }
    }

    [Fact]
    public async Task Any_password_of_256_characters_can_be_had()
    {
        await using var world = await People.World();
        var password = "\u0000\n\t é🔑'\"" + new string('ß', 247);
        var token = await world.Client.SignedIn(password: password);
        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(token, new { old_password = password, new_password = " " }));
    }

    [Fact]
    public async Task Ten_megabytes_are_too_many_and_a_form_is_no_JSON()
    {
        await using var world = await People.World();
        foreach (var path in new[] { "signup", "send-otp", "verify-otp", "forgot-password", "reset-password" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/auth/{path}") { Content = People.Raw($$"""{"mobile_number":"{{new string('5', 10_000_000)}}"}""", "application/json") };
            // So that the client is told before it sends what nobody reads.
            request.Headers.ExpectContinue = true;
            using var large = await world.Client.SendAsync(request);
            Assert.Equal((HttpStatusCode.RequestEntityTooLarge, """{"detail":"Request body too large"}"""), (large.StatusCode, await large.Content.ReadAsStringAsync()));
            using var form = await world.Client.PostAsync($"/auth/{path}", People.Raw("mobile_number=%2B15550100123"));
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        }
    }

    private static async Task Wrong(TestWorld world, string path, string body, string[] location, string? message, string? type, string? token = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/auth/{path}") { Content = People.Raw(body, "application/json") };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await world.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, $"{path} {(body.Length > 200 ? body[..200] : body)} answered {(int)answer.StatusCode} {text}");
        var error = Assert.Single(JsonDocument.Parse(text).RootElement.GetProperty("detail").EnumerateArray());
        Assert.Equal(location, error.GetProperty("loc").EnumerateArray().Select(part => part.GetString()));
        Assert.Equal((message ?? error.Text("msg"), type ?? error.Text("type")), (error.Text("msg"), error.Text("type")));
    }
}
