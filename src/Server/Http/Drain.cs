namespace Ledgerline.Http;

/// <summary>
/// A graceful end: from the signal on readiness answers 503 and streams end, while the requests that had begun finish; only then
/// the server stops listening. Setting <c>SHUTDOWN_DRAIN_SECONDS</c> is the longest wait.
/// </summary>
internal sealed class Drain(IHostApplicationLifetime lifetime, IConfiguration settings, TimeProvider clock, ILogger<Drain> log) : IHostedLifecycleService, IDisposable
{
    // So that what is waited for can still end cleanly.
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource lastCall = new();
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int running;
    private bool stopping;

    /// <summary>Said shortly before it is not waited any longer: what still runs ends now.</summary>
    public CancellationToken LastCall => lastCall.Token;

    public bool Stopping => Volatile.Read(ref stopping) || lifetime.ApplicationStopping.IsCancellationRequested;

    /// <exception cref="FormatException">The setting is no number of seconds.</exception>
    public static TimeSpan Longest(IConfiguration settings) =>
        settings["SHUTDOWN_DRAIN_SECONDS"]?.Trim() is not { Length: > 0 } text ? TimeSpan.FromMinutes(5)
        : ushort.TryParse(text, out var seconds) ? TimeSpan.FromSeconds(seconds)
        : throw new FormatException("SHUTDOWN_DRAIN_SECONDS must be a whole number of seconds.");

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication();
        lock (gate)
        {
            stopping = true;
            if (running == 0)
            {
                finished.TrySetResult();
            }
            else
            {
                log.LogInformation("Stopping: {Running} requests finish first", running);
            }
        }

        var longest = Longest(settings);
        await using var last = clock.CreateTimer(_ => lastCall.Cancel(), null, longest > BeforeEnd ? longest - BeforeEnd : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            await finished.Task.WaitAsync(longest, clock, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            log.LogWarning("Stopping although {Running} requests have not finished", running);
        }
    }

    public async Task Count(HttpContext context, RequestDelegate next)
    {
        var isCounted = false;
        lock (gate)
        {
            if (!stopping)
            {
                running++;
                isCounted = true;
            }
        }

        if (Stopping)
        {
            context.Response.Headers.Connection = "close";
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (isCounted)
            {
                lock (gate)
                {
                    if (--running == 0 && stopping)
                    {
                        finished.TrySetResult();
                    }
                }
            }
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => lastCall.Dispose();
}
