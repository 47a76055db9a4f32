using System.Collections.Concurrent;
using System.Text;

namespace Sandbox.Core;

/// <summary>
/// Posts webhooks in the background: first tries of one provider one after the other, then again with growing gaps on the
/// sandbox's clock until the server answers 2xx. Signed at the moment of sending.
/// </summary>
internal sealed class WebhookSender(SandboxClock clock) : IHostedService, IDisposable
{
    private static readonly TimeSpan[] Gaps =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1),
        TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24), TimeSpan.FromHours(24),
    ];

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = AnswerTimeout };
    private readonly ConcurrentDictionary<string, WebhookLane> _lanes = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private CancellationTokenSource _world = new();

    /// <summary>Takes an event; it is sent soon, whatever the caller does next. Ends after the first try, which nobody needs to wait for.</summary>
    /// <param name="provider">Whose it is.</param>
    /// <param name="eventId">What it is sent again by.</param>
    /// <param name="url">Where to, as it is signed and shown.</param>
    /// <param name="body">The very text.</param>
    /// <param name="signHeaders">Made anew for every try.</param>
    /// <param name="reach">Where a try really goes; to the url itself when it is missing.</param>
    public Task Enqueue(
        string provider, string eventId, Uri url, string body, Func<DateTimeOffset, string, IReadOnlyDictionary<string, string>> signHeaders,
        Func<Uri, Uri>? reach = null)
    {
        var entry = new Entry(provider, eventId, url, body, new WebhookSigner(signHeaders), clock.GetUtcNow()) { Reach = reach ?? (one => one) };
        lock (_gate)
        {
            _entries.Add(entry);
        }

        var modes = Modes(provider);
        Start(stop => Travel(entry, modes, stop));
        for (var copy = 0; copy < modes.Duplicate; copy++)
        {
            Start(async stop =>
            {
                await Wait(entry, modes, stop);
                await Try(entry, stop);
            });
        }

        return entry.Tried.Task;
    }

    /// <summary>Sends an event once more at once, to every address it went to, in parallel to whatever else is on its way; false when there is none with this id.</summary>
    public bool Resend(string eventId)
    {
        List<Entry> entries;
        lock (_gate)
        {
            entries = [.. _entries.Where(one => one.EventId == eventId).DistinctBy(one => one.Url)];
        }

        entries.ForEach(entry => Start(async stop => await Try(entry, stop)));
        return entries.Count > 0;
    }

    public WebhookModes Modes(string provider) => Lane(provider).Modes;

    public void SetModes(string provider, WebhookModes modes) => Lane(provider).Set(modes);

    /// <summary>Newest first.</summary>
    /// <param name="provider">Null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="delivered">Only those that the server has taken, or only those that it has not; null for both.</param>
    public IReadOnlyList<WebhookDelivery> List(string? provider = null, int limit = 100, bool? delivered = null)
    {
        lock (_gate)
        {
            return
            [
                .. Enumerable.Reverse(_entries).Where(entry => (provider is null || entry.Provider == provider) && (delivered is null || entry.Delivered == delivered))
                    .Take(limit).Select(entry => entry.View()),
            ];
        }
    }

    /// <summary>Forgets every event and every mode; what waits is not sent.</summary>
    public void Clear()
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            old = _world;
            _world = new CancellationTokenSource();
            _entries.Clear();
            _lanes.Clear();
        }

        old.Cancel();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _world.CancelAsync();
        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _world.Dispose();
        _http.Dispose();
    }

    private WebhookLane Lane(string provider) => _lanes.GetOrAdd(provider, _ => new WebhookLane());

    // The caller takes the event's place in its lane; everything after that runs on the pool and knows nothing of the caller.
    private void Start(Func<CancellationToken, Task> send)
    {
        Task task;
        using (ExecutionContext.SuppressFlow())
        {
            task = Quietly(send, _world.Token);
        }

        _running.TryAdd(task, 0);
        task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    private static async Task Quietly(Func<CancellationToken, Task> send, CancellationToken stop)
    {
        try
        {
            await send(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task Travel(Entry entry, WebhookModes modes, CancellationToken stop)
    {
        bool delivered;
        try
        {
            await Wait(entry, modes, stop);
            var lane = Lane(entry.Provider);
            delivered = modes.Reorder
                ? await lane.NewestFirst(() => Try(entry, stop), stop)
                : await lane.InTurn(() => Try(entry, stop), stop);
        }
        finally
        {
            entry.Tried.TrySetResult();
        }

        foreach (var gap in Gaps)
        {
            if (delivered || entry.Delivered)
            {
                return;
            }

            await Task.Delay(gap, clock, stop);
            await Lane(entry.Provider).Released(stop);
            delivered = entry.Delivered || await Try(entry, stop);
        }

        entry.GaveUp = !delivered;
    }

    private async Task Wait(Entry entry, WebhookModes modes, CancellationToken stop)
    {
        await Lane(entry.Provider).Released(stop);
        if (modes.DelayMs > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(modes.DelayMs), clock, stop);
        }
    }

    private async Task<bool> Try(Entry entry, CancellationToken stop)
    {
        await Task.Yield();
        var at = clock.GetUtcNow();
        try
        {
            using var request = Request(entry, at);
            using var response = await _http.SendAsync(request, stop);
            entry.Add(new WebhookAttempt(at, (int)response.StatusCode, null), response.IsSuccessStatusCode);
            return response.IsSuccessStatusCode;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            entry.Add(new WebhookAttempt(at, null, $"no answer within {AnswerTimeout.TotalSeconds} seconds"), false);
        }
        catch (Exception reason) when (reason is not OperationCanceledException)
        {
            // Whatever it was, also a signer that failed, is shown with the event instead of being lost.
            entry.Add(new WebhookAttempt(at, null, reason.Message), false);
        }

        return false;
    }

    private static HttpRequestMessage Request(Entry entry, DateTimeOffset at)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, entry.Reach(entry.Url)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(entry.Body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        foreach (var (name, value) in entry.Sign(at, entry.Body))
        {
            // A signature may name a content type of its own.
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private sealed class Entry(string provider, string eventId, Uri url, string body, WebhookSigner sign, DateTimeOffset createdAt)
    {
        private readonly Lock _gate = new();
        private readonly List<WebhookAttempt> _attempts = [];
        private volatile bool _delivered;
        private volatile bool _gaveUp;

        public string Provider => provider;
        public string EventId => eventId;
        public Uri Url => url;
        public string Body => body;
        public WebhookSigner Sign => sign;
        public required Func<Uri, Uri> Reach { get; init; }
        public TaskCompletionSource Tried { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool Delivered => _delivered;
        public bool GaveUp { set => _gaveUp = value; }

        public void Add(WebhookAttempt attempt, bool delivered)
        {
            lock (_gate)
            {
                _attempts.Add(attempt);
                _delivered |= delivered;
            }
        }

        public WebhookDelivery View()
        {
            lock (_gate)
            {
                var state = _delivered ? "delivered" : _gaveUp ? "given_up" : "waiting";
                return new WebhookDelivery(provider, eventId, url, body, state, createdAt, [.. _attempts]);
            }
        }
    }
}
