using System.Net;
using System.Net.Http.Json;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

/// <summary>New passwords end sign-in sessions (D-13, proof 35).</summary>
public sealed class PasswordChangeTests
{
    [Theory, EveryDatabase]
    public async Task A_change_ends_all_other_sessions_and_keeps_the_one_that_asked(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var nodes = new[] { world.Client, second ?? world.Client };
        var mine = await world.Client.SignedIn(password: "old");
        var (other, stranger) = (await world.Client.SignInAgain(), await world.Client.SignedIn("+15550100124"));
        foreach (var (node, token) in from node in nodes from token in new[] { mine, other, stranger } select (node, token))
        {
            Assert.Equal(HttpStatusCode.OK, await node.Knock(token));
        }

        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(mine, new { current_password = "old", new_password = "new" }));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(other));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        foreach (var node in nodes)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await node.Knock(other));
            Assert.Equal(HttpStatusCode.OK, await node.Knock(mine));
            Assert.Equal(HttpStatusCode.OK, await node.Knock(stranger));
        }

        await People.Refused(HttpStatusCode.BadRequest, "Invalid old password", await world.Client.ChangePassword(mine, new { current_password = "old", new_password = "x" }));
        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(mine, new { old_password = "new", new_password = "newer" }));
    }

    [Theory, EveryDatabase]
    public async Task A_reset_ends_all_sessions_on_both_nodes_within_a_minute(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var nodes = new[] { world.Client, second ?? world.Client };
        string[] tokens = [await world.Client.SignedIn(password: "old"), await world.Client.SignInAgain()];
        foreach (var (node, token) in from node in nodes from token in tokens select (node, token))
        {
            Assert.Equal(HttpStatusCode.OK, await node.Knock(token));
        }

        await Phones.Said("Password reset successfully", await world.Client.Reset(await Phones.CodeIn(await world.Client.Forgot()), "new"));
        Assert.All(await Task.WhenAll(tokens.Select(world.Client.Knock)), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.All(await Task.WhenAll(from node in nodes from token in tokens select node.Knock(token)), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        await world.Client.Me(await world.Client.SignInAgain());
    }

    [Fact]
    public async Task The_new_password_may_be_in_the_query_and_the_body_wins()
    {
        await using var world = await People.World();
        var token = await world.Client.SignedIn(password: "old");
        var code = await Phones.CodeIn(await world.Client.Forgot());
        await Phones.Said("Password reset successfully", await world.Client.PostAsJsonAsync(
            "/auth/reset-password?new_password=from%20the%20query", new { mobile_number = Phones.Number, otp = code }));
        token = await world.Client.SignInAgain();
        await Phones.Said(
            "Password changed successfully", await world.Client.Send(HttpMethod.Post, "/auth/change-password?new_password=query", token, new { old_password = "from the query", new_password = "body" }));
        await Phones.Said(
            "Password changed successfully", await world.Client.Send(HttpMethod.Post, "/auth/change-password?new_password=query", token, new { old_password = "body" }));
        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(token, new { old_password = "query", new_password = "last" }));
    }

    [Theory, EveryDatabase]
    public async Task Of_ten_changes_at_the_same_time_one_happens(string engine)
    {
        await using var world = await People.World(engine);
        var token = await world.Client.SignedIn(password: "old");
        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => world.Client.ChangePassword(token, new { old_password = "old", new_password = $"new {i}" })));
        var winner = Assert.Single(Enumerable.Range(0, 9), i => answers[i].StatusCode == HttpStatusCode.OK);
        Assert.Equal(8, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        await Phones.Said("Password changed successfully", await world.Client.ChangePassword(token, new { old_password = $"new {winner}", new_password = "last" }));
    }
}
