using System.Net;
using Ledgerline.Persistence;
using Tests.Identity;
using Xunit;

namespace Tests.Chat;

public class UnknownOutcomeTests
{
    [Fact]
    public async Task A_commit_that_happened_though_it_seemed_to_fail_stores_no_message_twice()
    {
        await using var world = await Rooms.World("sqlite", ("RUN_JOBS", "false"));
        var token = await world.Client.SignedIn();
        await world.MakePro(token);
        var room = await world.Client.CreateRoom(token);
        var (batches, commits) = (0, 0);
        world.Database.Engine.Watch = sql =>
        {
            batches += sql.Contains("'user', r.content", StringComparison.Ordinal) ? 1 : 0;
            // The second batch is of several; its second word of a commit is the one that comes after it.
            if (batches == 2 && sql == Transaction.Commit && ++commits == 2)
            {
                throw new TimeoutException("The answer to the commit got lost.");
            }
        };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => world.Client.Say(token, room, $"message {i}")));
        world.Database.Engine.Watch = null;

        // One that was alone in its batch cannot know what became of it; whoever shared a batch does.
        Assert.InRange(commits, 2, 100);
        Assert.InRange(answers.Count(answer => answer.StatusCode != HttpStatusCode.OK), 0, 1);
        var said = await world.Client.Read(token, room);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"message {i}").Order(), said.Select(one => one.Content).Order());
        Assert.Equal(20, (await world.Client.Usage(token)).GetProperty("used_today").GetInt32());
        Assert.Equal(20, await world.Database.Read(session => session.One<long>("SELECT waiting FROM chat_accounts")));
        var jobs = await world.Database.Read(session => session.List<string>("SELECT payload FROM jobs WHERE lane LIKE 'chat %'"));
        Assert.True(jobs.Count == 20, string.Join("\n", jobs.Order()));
    }
}
