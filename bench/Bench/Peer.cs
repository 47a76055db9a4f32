namespace Bench;

/// <summary>Somebody that carries the same requests to the same provider, in a process of its own on the core under test.</summary>
internal sealed class Peer : IDisposable
{
    private Peer(string name, ChildProcess child, HttpClient client) => (Name, Child, Client) = (name, child, client);

    public string Name { get; }
    public ChildProcess Child { get; }

    /// <summary>Its address and the headers it wants.</summary>
    public HttpClient Client { get; }

    /// <summary>Answers once it listens.</summary>
    /// <param name="apart">On the core under test, away from who measures.</param>
    public static async Task<Peer> Start(
        string name, Uri address, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings = null, bool apart = true)
    {
        var (start, words) = apart ? Cores.Apart(program, arguments) : (program, arguments);
        var child = ChildProcess.Start(start, words, settings);
        var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync("/");
                return new Peer(name, child, client);
            }
            catch (HttpRequestException) when (attempt < 1000)
            {
                await Task.Delay(20);
            }
            catch
            {
                child.Dispose();
                client.Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Child.Dispose();
    }
}
