using Soak;
using Tests.World;
using Xunit;

namespace Tests.Chat;

/// <summary>The short version of <c>bin/soak chat</c>, which has 10,000 messages and fsync on.</summary>
public class ChatCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_accepted_message_is_answered_once_though_one_of_two_nodes_is_killed_again_and_again()
    {
        await using var place = await TestDatabase.New("postgres");
        await using (await place.Open())
        {
            // The schema is made by nobody who will be killed.
        }

        var run = new ChatRun(place.Url, Random.Shared.Next(), output.WriteLine);
        Assert.Empty(await run.Run(messages: 400, kills: 3, people: 4, roomsEach: 3));
        Assert.True(run.Acknowledged >= 400);
    }
}
