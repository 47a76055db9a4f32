using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Ledgerline.Ai;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.OpenAi;

/// <summary>
/// <c>POST /v1/chat/completions</c>, always with the usage at its end: read for our own products, or passed on as it comes for callers who
/// speak the protocol themselves.
/// </summary>
internal sealed class OpenAiChat(HttpClient http, OpenAiOptions options, TimeProvider clock) : IChatModel
{
    private const string Path = "v1/chat/completions";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public async IAsyncEnumerable<ChatPiece> Stream(ChatOrder order, [EnumeratorCancellation] CancellationToken stop)
    {
        using var answer = await Ask(OpenAiChatRequest.Of(order), order.Patience, stop);
        if (!answer.IsSuccess)
        {
            throw await answer.Failure();
        }

        var reading = new OpenAiChatReading(TokenEstimate.Prompt(order, TokenEstimate.Likely), answer.RequestId);
        await using var events = answer.Events(order.Patience.Idle).GetAsyncEnumerator(CancellationToken.None);
        while (await Next(events, reading))
        {
            if (reading.Take(EventBlocks.Data(events.Current)) is { } piece)
            {
                yield return piece;
            }
        }

        yield return reading.End();
    }

    /// <summary>The head of whatever OpenAI answers to this body, a refusal too.</summary>
    /// <exception cref="ModelFailure">There is no answer.</exception>
    public Task<OpenAiAnswer> Ask(byte[] body, ChatPatience patience, CancellationToken stop)
    {
        var key = options.KeyOrFailure;
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } };
        return OpenAiAnswer.To(request, http, key, patience.Whole, patience.First, clock, stop);
    }

    // What fails after the answer has begun ends it; what fails before is the caller's to hear.
    private static async Task<bool> Next(IAsyncEnumerator<byte[]> events, OpenAiChatReading reading)
    {
        try
        {
            return !reading.IsOver && await events.MoveNextAsync();
        }
        catch (ModelFailure failure) when (reading.HasBegun)
        {
            reading.Break(failure);
            return false;
        }
    }
}
