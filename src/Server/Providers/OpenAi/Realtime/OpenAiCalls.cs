using System.Net.Http.Headers;
using System.Text;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary><c>/v1/realtime/calls</c>: conversations over WebRTC, whose audio never comes here.</summary>
internal sealed class OpenAiCalls(HttpClient http, OpenAiOptions options, OpenAiSocket sockets, TimeProvider clock)
{
    private const string Path = "v1/realtime/calls";
    private const int LongestId = 200;

    // What an unchanged browser client waits, less our own work.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <param name="offer">The browser's session description.</param>
    /// <exception cref="ModelFailure">There is none; a <see cref="ModelRefusal"/> of 400 says that the offer is none.</exception>
    public async Task<VoiceCall> Begin(VoiceOrder order, string offer, CancellationToken stop)
    {
        var key = options.KeyOrFailure;
        using var form = new MultipartFormDataContent
        {
            { Part(Encoding.UTF8.GetBytes(offer), "application/sdp"), "sdp" },
            { Part(RealtimeRequests.Session(order, order.Model ?? options.RealtimeModel, options.RealtimeTurns), "application/json"), "session" },
        };
        using var answer = await OpenAiAnswer.To(new HttpRequestMessage(HttpMethod.Post, Path) { Content = form }, http, key, Patience, Patience, clock, stop);
        if (!answer.IsSuccess)
        {
            throw await answer.Failure();
        }

        var id = answer.Location?.Split('?')[0].TrimEnd('/').Split('/')[^1];
        return id is { Length: > 0 and <= LongestId }
            ? new VoiceCall(id, Encoding.UTF8.GetString(await answer.ReadAll()))
            : throw new ModelFailure(ModelFailure.Upstream, "OpenAI began a call and did not say which.");
    }

    /// <summary>Ends it; one that is over stays over.</summary>
    /// <exception cref="ModelFailure">Nobody knows whether it has ended.</exception>
    public async Task End(string call, CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{Path}/{Uri.EscapeDataString(call)}/hangup");
        using var answer = await OpenAiAnswer.To(request, http, options.KeyOrFailure, Patience, Patience, clock, stop);
        if (!answer.IsSuccess && answer.Status != StatusCodes.Status404NotFound)
        {
            throw await answer.Failure();
        }
    }

    /// <summary>Null when the call is over.</summary>
    /// <param name="model">Who speaks in it.</param>
    /// <exception cref="ModelFailure">Nobody knows.</exception>
    public async Task<IVoiceCallControl?> Control(string call, string? model, CancellationToken stop)
    {
        try
        {
            return new OpenAiCallControl(await sockets.Control(call, stop), model ?? options.RealtimeModel, clock);
        }
        catch (ModelRefusal over) when (over.Status is StatusCodes.Status404NotFound or StatusCodes.Status400BadRequest)
        {
            return null;
        }
    }

    private static ByteArrayContent Part(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
}
