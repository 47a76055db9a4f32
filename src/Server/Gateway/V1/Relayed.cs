using System.Text;
using Ledgerline.Ai;
using Ledgerline.Http;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1;

/// <summary>The provider's answer as the caller gets it, once it is settled.</summary>
/// <param name="Body">All of it; of a stream, what was passed on before it was settled.</param>
/// <param name="Tail">Of a stream: how it ends, which waits for the settlement.</param>
internal sealed record Relayed(string ContentType, string Body, Func<Cost, string>? Tail = null)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a whole answer and what it says it used; its bytes stay as they are.</summary>
    /// <exception cref="ModelFailure">It is no transcript, or states what cannot be.</exception>
    public static async Task<Heard<Relayed>> Read(OpenAiAnswer answer, string format, AudioUse use)
    {
        var bytes = await answer.ReadAll();
        var isJson = format is "json" or "verbose_json" or "diarized_json";
        // Plain formats say nothing of what they used: then our own measure counts.
        var consumption = isJson ? TranscriptionAnswer.Read(bytes, answer.RequestId).Consumption : new Consumption(ProviderRequestId: answer.RequestId);
        ModelGateway.Believe(consumption, use);
        var type = answer.ContentType ?? (isJson ? "application/json" : "text/plain; charset=utf-8");
        return new Heard<Relayed>(new Relayed(type, Text(bytes)), consumption);
    }

    /// <exception cref="ModelFailure">It is no text.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            // No database keeps the character zero in a text.
            return bytes.Contains((byte)0) ? throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer is no text.") : Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException failure)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer is no text.", failure);
        }
    }

    public ExactAnswer Exact(Cost cost) => new(StatusCodes.Status200OK, ContentType, Body + Tail?.Invoke(cost)) { Headers = cost.Headers };

    /// <summary>The answer with its cost: whole, or the end of what has been sent already.</summary>
    public IResult Answer(Cost cost) => Tail is { } tail ? new StreamEnd(Exact(cost), tail(cost)) : Exact(cost);
}
