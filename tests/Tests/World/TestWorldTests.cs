using System.Net;
using Tests.Persistence;
using Xunit;

namespace Tests.World;

public class TestWorldTests
{
    [Theory, EveryDatabase]
    public async Task Two_nodes_start_on_one_database_and_say_plainly_what_they_do_not_know(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        using var second = await world.StartNode();

        foreach (var node in new[] { world.Client, second })
        {
            using var answer = await node.GetAsync("/no-such-address");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("""{"detail":"Not Found"}""", await answer.Content.ReadAsStringAsync());
        }
    }
}
