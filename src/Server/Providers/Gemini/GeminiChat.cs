using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.Gemini;

/// <summary><c>streamGenerateContent</c>: the answer as Gemini writes it, and what it used.</summary>
internal sealed class GeminiChat(HttpClient http, GeminiOptions options, Ids ids, TimeProvider clock) : IChatModel
{
    // A picture that the model made is the largest thing there is.
    private const int LargestEventBytes = 16 * 1024 * 1024;
    private const string KeyHeader = "x-goog-api-key";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public async IAsyncEnumerable<ChatPiece> Stream(ChatOrder order, [EnumeratorCancellation] CancellationToken stop)
    {
        using var answer = new TimedAnswer(order.Patience.Whole, order.Patience.First, clock, stop);
        await Send(answer, order);
        var reading = new GeminiReading(TokenEstimate.Prompt(order, TokenEstimate.Likely), () => $"call_{ids.Secret(12)}");
        await using var events = answer.Events(LargestEventBytes, order.Patience.Idle).GetAsyncEnumerator(CancellationToken.None);
        while (await Next(events, reading))
        {
            if (reading.Take(EventBlocks.Data(events.Current)) is { } piece)
            {
                yield return piece;
            }
        }

        yield return reading.End();
    }

    /// <exception cref="ModelFailure">There is no answer, or a refusal.</exception>
    private async Task Send(TimedAnswer answer, ChatOrder order)
    {
        var key = options.KeyOrFailure;
        var request = new HttpRequestMessage(HttpMethod.Post, $"models/{Uri.EscapeDataString(order.Model)}:streamGenerateContent?alt=sse")
        {
            Content = new ByteArrayContent(GeminiRequest.Of(order)) { Headers = { ContentType = Json } },
        };
        request.Headers.Add(KeyHeader, key);
        request.Options.Set(OutboundRepeat.Patience, order.Patience.First);
        try
        {
            await answer.Send(http, request);
        }
        catch (Exception failure) when (Explain(failure) is not null)
        {
            throw Explain(failure)!;
        }

        if (!answer.Message.IsSuccessStatusCode)
        {
            throw await GeminiError.Read(answer, key);
        }
    }

    // What fails after the answer has begun ends it; what fails before is the caller's to hear.
    private static async Task<bool> Next(IAsyncEnumerator<byte[]> events, GeminiReading reading)
    {
        try
        {
            return !reading.IsOver && await events.MoveNextAsync();
        }
        catch (Exception failure) when (Explain(failure) is not null)
        {
            reading.Break(reading.HasBegun ? Explain(failure)! : throw Explain(failure)!);
            return false;
        }
    }

    private static ModelFailure? Explain(Exception failure) => failure switch
    {
        TimeoutRejectedException => new ModelFailure(ModelFailure.TimeOut, "Gemini gave no answer in time.", failure),
        HttpRequestException or IOException => new ModelFailure(ModelFailure.Upstream, "The connection to Gemini failed.", failure),
        InvalidDataException => new ModelFailure(ModelFailure.Upstream, "Gemini's stream holds an event that is too large.", failure),
        _ => null,
    };
}
