using System.Text;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1;

/// <summary>
/// Passes a stream of events on as it comes, byte for byte, but for the last one: that waits for the settlement and carries what it
/// cost. A client that goes does not end it, and a stream that breaks after something was passed on is paid for by its length.
/// </summary>
internal sealed class EventRelay(HttpContext context, OpenAiAnswer answer, AudioUse use)
{
    private readonly StringBuilder passed = new();
    private LastEvent? last;
    private bool begun;

    /// <exception cref="ModelFailure">It broke before anything was passed on.</exception>
    public async Task<Heard<Relayed>> Run()
    {
        try
        {
            await ReadToLast();
            return last switch
            {
                { } done when begun => Heard(done, Believed(done)),
                { } done => Heard(done, Strict(done)),
                null => throw new ModelFailure(ModelFailure.Upstream, "OpenAI's stream ended before its last event."),
            };
        }
        catch (ModelFailure failure) when (begun)
        {
            return new Heard<Relayed>(
                new Relayed(Type, passed.ToString(), _ => ProviderFaults.Speech.Broken), new Consumption(ProviderRequestId: answer.RequestId), failure.Reason);
        }
    }

    private string Type => answer.ContentType!;

    private Heard<Relayed> Heard(LastEvent done, Consumption consumption) => new(new Relayed(Type, passed.ToString(), done.With), consumption);

    private Consumption Strict(LastEvent done)
    {
        var consumption = done.Consumption(answer.RequestId);
        ModelGateway.Believe(consumption, use);
        return consumption;
    }

    // The text has been delivered: what the provider says beyond belief does not make it free.
    private Consumption Believed(LastEvent done)
    {
        try
        {
            return Strict(done);
        }
        catch (ModelFailure)
        {
            return new Consumption(ProviderRequestId: answer.RequestId);
        }
    }

    // What breaks after the last event has broken nothing.
    private async Task ReadToLast()
    {
        try
        {
            await Read();
        }
        catch (ModelFailure) when (last is not null)
        {
        }
    }

    private async Task Read()
    {
        var total = 0;
        await foreach (var next in answer.Events(Timeout.InfiniteTimeSpan))
        {
            total += next.Length;
            if (total > OpenAiAnswer.LargestBytes)
            {
                throw new ModelFailure(ModelFailure.Upstream, "OpenAI's stream is too large for a transcript.");
            }

            await Take(next);
        }
    }

    private async Task Take(byte[] bytes)
    {
        var text = Relayed.Text(bytes);
        if (last is not null)
        {
            last = last with { After = last.After + text };
        }
        else if (LastEvent.Of(text) is { } found)
        {
            last = found;
        }
        else
        {
            passed.Append(text);
            await Pass(bytes);
        }
    }

    private async Task Pass(byte[] bytes)
    {
        var response = context.Response;
        if (!begun)
        {
            begun = true;
            response.ContentType = Type;
            response.Headers["X-Accel-Buffering"] = "no";
        }

        await Send(context, bytes);
    }

    /// <summary>Writes unless nobody is there any more; how fast the client must read is the server's own limit.</summary>
    public static async Task Send(HttpContext context, byte[] bytes)
    {
        try
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The client has gone; what the provider was asked for goes on.
        }
    }
}
