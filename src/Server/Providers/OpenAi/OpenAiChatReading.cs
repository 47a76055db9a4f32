using System.Text;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>Makes one answer out of the chunks of a stream of chat completions.</summary>
internal sealed class OpenAiChatReading(long promptTokens, string? requestId)
{
    private readonly ChatTally tally = new(promptTokens);
    private readonly SortedDictionary<int, Call> calls = [];
    private TokenUsage? usage;
    private string? finish;
    private ModelFailure? failure;

    public bool HasBegun => tally.HasBegun;

    /// <summary>The provider has said that no more will come.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What an event adds to the answer; null when it is nothing that shows.</summary>
    /// <exception cref="ModelFailure">It is an error, and nothing had come before it.</exception>
    public ChatPiece? Take(string? data)
    {
        if (data is null || IsOver)
        {
            return null;
        }

        if (data == OpenAiChunk.Done)
        {
            IsOver = true;
            return null;
        }

        using var chunk = OpenAiChunk.Parse(data);
        if (chunk?.Failure is { } error)
        {
            Break(HasBegun ? error : throw error);
            return null;
        }

        if (chunk is null)
        {
            return null;
        }

        usage = chunk.Usage(requestId) ?? usage;
        return Take(chunk);
    }

    /// <summary>It ends here, for this reason.</summary>
    public void Break(ModelFailure why)
    {
        // What breaks after the end has broken nothing.
        failure = finish is null ? why : null;
        IsOver = true;
    }

    /// <summary>The last piece.</summary>
    /// <exception cref="ModelFailure">There was none before it.</exception>
    public ChatPiece End()
    {
        if (!HasBegun)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI's stream holds no answer.");
        }

        if (finish is null)
        {
            failure ??= new ModelFailure(ModelFailure.Upstream, "OpenAI's stream ended before its last event.");
            return new ChatPiece("") { End = ChatEnd.Broken, Failure = failure, Usage = usage ?? tally.Estimate(requestId) };
        }

        var made = calls.Values.Select(call => new ToolCall(call.Id, call.Name, call.Arguments.ToString())).ToList();
        return new ChatPiece("") { End = EndOf(made.Count), Usage = usage ?? tally.Estimate(requestId), Calls = made };
    }

    private ChatPiece? Take(OpenAiChunk chunk)
    {
        foreach (var choice in chunk.Choices())
        {
            tally.Add(choice.Thought ?? "");
            finish = choice.Finish ?? finish;
            foreach (var part in choice.Calls)
            {
                var call = calls.TryGetValue(part.Index, out var known) ? known : calls[part.Index] = new Call();
                call.Id = part.Id ?? call.Id;
                call.Name = part.Name ?? call.Name;
                call.Arguments.Append(part.Arguments);
                tally.Add(part.Name + part.Arguments);
            }

            if (choice.Text is { Length: > 0 } text)
            {
                tally.Add(text);
                return new ChatPiece(text);
            }
        }

        return null;
    }

    private string EndOf(int made) => finish switch
    {
        "length" => ChatEnd.Length,
        "content_filter" => ChatEnd.Blocked,
        _ => made > 0 ? ChatEnd.Calls : ChatEnd.Stop,
    };

    private sealed class Call
    {
        public string Id { get; set; } = "";
        public string Name { get; set; } = "";
        public StringBuilder Arguments { get; } = new();
    }
}
