using Polly.Timeout;

namespace Ledgerline.Providers.Wire;

/// <summary>An answer while it is read: each wait has its limit, and whoever leaves off calls the provider off.</summary>
internal sealed class TimedAnswer : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    private readonly CancellationToken stop;
    private readonly CancellationTokenSource whole;
    private readonly CancellationTokenSource wait;
    private readonly CancellationTokenSource any;
    private HttpRequestMessage? request;
    private HttpResponseMessage? message;
    private Stream? body;

    /// <param name="whole">From now to the last byte read.</param>
    /// <param name="first">Until the first event, where it is one of events; see <see cref="Expect"/>.</param>
    public TimedAnswer(TimeSpan whole, TimeSpan? first, TimeProvider clock, CancellationToken stop)
    {
        this.stop = stop;
        this.whole = new CancellationTokenSource(whole, clock);
        wait = new CancellationTokenSource(first ?? whole, clock);
        any = CancellationTokenSource.CreateLinkedTokenSource(stop, this.whole.Token, wait.Token);
    }

    /// <summary>The head, once it has come.</summary>
    public HttpResponseMessage Message => message!;

    /// <summary>Sends the request, once; the head of whatever is answered comes back.</summary>
    /// <exception cref="TimeoutRejectedException">Not in time.</exception>
    public async Task Send(HttpClient http, HttpRequestMessage sent)
    {
        request = sent;
        await Guard(async limit => message = await http.SendAsync(sent, HttpCompletionOption.ResponseHeadersRead, limit));
    }

    /// <summary>What comes next must come within this time from now.</summary>
    public void Expect(TimeSpan next) => wait.CancelAfter(next);

    /// <summary>The whole body.</summary>
    /// <exception cref="HttpRequestException">It is larger than that, or does not come whole.</exception>
    public async Task<byte[]> ReadAll(int mostBytes)
    {
        await Guard(limit => Message.Content.LoadIntoBufferAsync(mostBytes, limit));
        return await Message.Content.ReadAsByteArrayAsync(any.Token);
    }

    /// <summary>The next bytes as they come; 0 at the end.</summary>
    public async Task<int> Read(Memory<byte> buffer)
    {
        var read = 0;
        await Guard(async limit =>
        {
            body ??= await Message.Content.ReadAsStreamAsync(limit);
            read = await body.ReadAsync(buffer, limit);
        });
        return read;
    }

    /// <summary>The body's events, each as it came, and at last what is left without an end.</summary>
    /// <param name="idle">The longest from one to the next.</param>
    /// <exception cref="InvalidDataException">One is too large.</exception>
    public async IAsyncEnumerable<byte[]> Events(int mostBytes, TimeSpan idle)
    {
        var (blocks, buffer) = (new EventBlocks(mostBytes), new byte[ReadBytes]);
        while (await Read(buffer) is > 0 and var read)
        {
            blocks.Append(buffer.AsSpan(0, read));
            while (blocks.Next() is { } block)
            {
                // How long the reader takes for it is not the provider's affair.
                Expect(Timeout.InfiniteTimeSpan);
                yield return block;
                Expect(idle);
            }
        }

        if (blocks.Rest() is { } rest)
        {
            yield return rest;
        }
    }

    public void Dispose()
    {
        message?.Dispose();
        request?.Dispose();
        any.Dispose();
        wait.Dispose();
        whole.Dispose();
    }

    private async Task Guard(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(any.Token);
        }
        catch (Exception failure) when (any.IsCancellationRequested && !stop.IsCancellationRequested && failure is not TimeoutRejectedException)
        {
            throw new TimeoutRejectedException("The answer did not come in time.", failure);
        }
    }
}
