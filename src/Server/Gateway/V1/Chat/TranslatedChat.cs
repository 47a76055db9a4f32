using System.Text;
using Ledgerline.Ai;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>Asks a model that speaks another protocol, and tells its answer in OpenAI's.</summary>
internal sealed class TranslatedChat(ModelGateway gateway, ChatAsk ask, ChatOrder order, ChatAnswers answers)
{
    /// <summary>The whole answer. It is not called off: once the model is asked, its answer can be asked for again.</summary>
    /// <exception cref="ModelFailure">There is none to show.</exception>
    public async Task<Answered<Relayed>> Whole(TokenAuthorization authorization)
    {
        var (text, calls, last) = (new StringBuilder(), new List<ToolCall>(), (ChatPiece?)null);
        await foreach (var piece in gateway.Chat(authorization, order, CancellationToken.None))
        {
            text.Append(piece.Text);
            calls.AddRange(piece.Calls);
            last = piece;
        }

        return last is { End: not ChatEnd.Broken and { } end, Usage: { } usage }
            ? new Answered<Relayed>(new Relayed("application/json; charset=utf-8", answers.Whole(text.ToString(), calls, end, usage)), usage)
            : throw last!.Failure!;
    }

    /// <summary>The answer as it is written. A client that goes ends it.</summary>
    /// <exception cref="ModelFailure">It has not begun.</exception>
    /// <exception cref="OperationCanceledException">The client had gone before it began.</exception>
    public async Task<Answered<Relayed>> Stream(TokenAuthorization authorization, ChatWire wire, CancellationToken gone)
    {
        var (tally, last) = (new ChatTally(ask.Size.Likely), (ChatPiece?)null);
        try
        {
            await foreach (var piece in gateway.Chat(authorization, order, gone))
            {
                tally.Add(piece);
                last = piece;
                if (piece.End == ChatEnd.Broken)
                {
                    break;
                }

                await wire.Send((wire.HasBegun ? "" : answers.First()) + answers.Next(piece));
            }
        }
        catch (OperationCanceledException) when (tally.HasBegun)
        {
            return new Answered<Relayed>(new Relayed(ChatWire.ContentType, wire.Sent), tally.Estimate(), UseEnd.ClientGone);
        }

        var usage = last!.Usage!;
        return last is { End: ChatEnd.Broken, Failure: { } failure }
            // Nothing was shown, so nothing is charged.
            ? !wire.HasBegun ? throw failure : new Answered<Relayed>(
                new Relayed(ChatWire.ContentType, wire.Sent, _ => ProviderFaults.Chat.Broken), usage, gone.IsCancellationRequested ? UseEnd.ClientGone : failure.Reason)
            : new Answered<Relayed>(
                new Relayed(ChatWire.ContentType, wire.Sent, cost => answers.Last(last.End!) + answers.Usage(usage, cost) + ChatAnswers.Done), usage);
    }
}
