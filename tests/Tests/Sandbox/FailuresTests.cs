using System.Net;
using System.Text.Json;
using Sandbox.Core;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The sandbox itself is wrong: that is said in the provider's words, logged with its stack, and seen among the requests.</summary>
public sealed class FailuresTests
{
    [Fact]
    public async Task What_nobody_foresaw_is_an_error_of_the_provider_s_and_leaves_a_stack_in_the_log()
    {
        var logs = new LogLines();
        await using var host = await SandboxHost.Start(new SandboxOptions { Log = logs, InspectAnswer = (_, _, _, _) => throw new KeyNotFoundException("a bug") });
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/stripe/v1/subscriptions/sub_1") { Headers = { { "Authorization", "Bearer sk_test_x" } } };

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal("api_error", error.GetProperty("type").GetString());
        Assert.Contains(nameof(KeyNotFoundException), error.GetProperty("message").GetString(), StringComparison.Ordinal);
        var logged = Assert.Single(logs.All);
        Assert.Contains("DELETE /stripe/v1/subscriptions/sub_1 went wrong.", logged, StringComparison.Ordinal);
        Assert.Contains($"   at {typeof(HeldAnswer).FullName}.", logged, StringComparison.Ordinal);
        Assert.Equal(500, (await host.Get("/_sandbox/requests?provider=stripe"))[0].GetProperty("status").GetInt32());
    }
}
