using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>Passes an answer of OpenAI's on, byte for byte, and reads on the way what it used. Only the usage at a stream's end waits for the settlement.</summary>
/// <param name="answers">Says the usage where the provider does not.</param>
internal sealed class RelayedChat(ModelGateway gateway, ChatAsk ask, byte[] body, ChatAnswers answers)
{
    private static readonly ChatPatience Patience = new(TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(110), V1Chat.LongestStream);
    private static readonly ChatPatience WholePatience = new(V1Chat.LongestWhole, V1Chat.LongestWhole, V1Chat.LongestWhole);
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ChatTally tally = new(ask.Size.Likely);
    private TokenUsage? usage;
    private string? usageChunk;
    private int finished;
    private bool isDone;
    private string? requestId;

    /// <summary>The whole answer. It is not called off: once the provider is asked it bills, and its answer can be asked for again.</summary>
    /// <exception cref="ModelFailure">There is none to show.</exception>
    public async Task<Answered<Relayed>> Whole(TokenAuthorization authorization)
    {
        using var answer = await gateway.PassThrough(authorization, body, WholePatience, CancellationToken.None);
        return await Whole(answer);
    }

    /// <summary>The answer as it is written. A client that goes ends it.</summary>
    /// <exception cref="ModelFailure">It has not begun.</exception>
    /// <exception cref="OperationCanceledException">The client had gone before it began.</exception>
    public async Task<Answered<Relayed>> Stream(TokenAuthorization authorization, ChatWire wire, CancellationToken gone)
    {
        using var answer = await gateway.PassThrough(authorization, body, Patience, gone);
        if (!answer.IsEventStream)
        {
            // A server that does not stream answers at once.
            return await Whole(answer);
        }

        requestId = answer.RequestId;
        ModelFailure? broken = null;
        try
        {
            await foreach (var block in answer.Events(Patience.Idle))
            {
                await Take(block, wire);
                if (isDone)
                {
                    // A server may leave its body open after the last word.
                    break;
                }
            }

            broken = IsWhole ? null : new ModelFailure(ModelFailure.Upstream, "OpenAI's stream ended before its last event.");
        }
        catch (OperationCanceledException) when (tally.HasBegun)
        {
            return new Answered<Relayed>(new Relayed(ChatWire.ContentType, wire.Sent), usage ?? tally.Estimate(requestId), UseEnd.ClientGone);
        }
        catch (ModelFailure failure) when (tally.HasBegun)
        {
            // What breaks after the last event has broken nothing.
            broken = IsWhole ? null : failure;
        }

        if (broken is not null && !tally.HasBegun)
        {
            throw broken;
        }

        var used = usage ?? tally.Estimate(requestId);
        return broken is null
            ? new Answered<Relayed>(new Relayed(ChatWire.ContentType, wire.Sent, cost => UsageChunk(used, cost) + ChatAnswers.Done), used)
            : new Answered<Relayed>(
                new Relayed(ChatWire.ContentType, wire.Sent, _ => ProviderFaults.Chat.Broken), used, gone.IsCancellationRequested ? UseEnd.ClientGone : broken.Reason);
    }

    // Some servers end without saying so once every choice has its end.
    private bool IsWhole => isDone || usageChunk is not null || finished >= ask.Choices;

    private async Task<Answered<Relayed>> Whole(OpenAiAnswer answer)
    {
        requestId = answer.RequestId;
        var bytes = await answer.ReadAll();
        using var chunk = OpenAiChunk.Parse(bytes);
        if (chunk is not { IsAnswer: true })
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI answered what is no chat completion.");
        }

        Count(chunk);
        return new Answered<Relayed>(
            new Relayed(answer.ContentType ?? "application/json", Relayed.Text(bytes)), chunk.Usage(requestId) ?? tally.Estimate(requestId));
    }

    private async Task Take(byte[] block, ChatWire wire)
    {
        if (isDone)
        {
            return;
        }

        if (EventBlocks.Data(block) is not { } data)
        {
            // A sign of life, which must not be the answer's beginning.
            await (wire.HasBegun ? wire.Send(block) : Task.CompletedTask);
            return;
        }

        isDone = data == OpenAiChunk.Done;
        if (isDone || IsUsage(data))
        {
            return;
        }

        await wire.Send(block);
    }

    // What the caller did not ask for is not shown, and where he did it waits for its cost.
    private bool IsUsage(string data)
    {
        using var chunk = OpenAiChunk.Parse(data);
        if (chunk is null)
        {
            return false;
        }

        if (chunk.Failure is { } failure)
        {
            throw failure;
        }

        var said = chunk.Usage(requestId);
        usage = said ?? usage;
        if (said is not null && !chunk.HasChoices)
        {
            tally.Add("");
            usageChunk = data;
            return true;
        }

        Count(chunk);
        return false;
    }

    private void Count(OpenAiChunk chunk)
    {
        tally.Add("");
        foreach (var choice in chunk.Choices())
        {
            tally.Add(choice.Text + choice.Thought);
            finished += choice.Finish is null ? 0 : 1;
            foreach (var call in choice.Calls)
            {
                tally.Add(call.Name + call.Arguments);
            }
        }
    }

    private string UsageChunk(TokenUsage used, Cost cost)
    {
        if (!ask.WantsUsage)
        {
            return "";
        }

        if (usageChunk is null || JsonNode.Parse(usageChunk) is not JsonObject said || said["usage"] is not JsonObject counted)
        {
            return answers.Usage(used, cost);
        }

        cost.WriteTo(counted);
        return $"data: {said.ToJsonString(Readable)}\n\n";
    }
}
