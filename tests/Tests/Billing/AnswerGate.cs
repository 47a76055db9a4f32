using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Billing;

/// <summary>Keeps one answer of Stripe's on the road: it has been given, and the server gets it when the gate opens.</summary>
internal sealed class AnswerGate(HttpMethod method, string path)
{
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _armed;

    /// <summary>Stripe has answered; what it says from now on is news.</summary>
    public Task Given => _given.Task.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>For the shop's server.</summary>
    public void Install(WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new Keeper(this)));

    /// <summary>The next such answer is kept.</summary>
    public void Close() => _armed = 1;

    public void Open() => _open.TrySetResult();

    private bool Keeps(HttpRequestMessage request) =>
        request.Method == method && request.RequestUri!.AbsolutePath.Contains(path, StringComparison.Ordinal) && Interlocked.Exchange(ref _armed, 0) == 1;

    private sealed class Keeper(AnswerGate gate) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (gate.Keeps(request))
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
                gate._given.TrySetResult();
                await gate._open.Task.WaitAsync(cancellationToken);
            }

            return answer;
        }
    }
}
