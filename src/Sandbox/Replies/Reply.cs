using System.Globalization;

namespace Sandbox.Replies;

/// <summary>What a request asked, in no provider's words.</summary>
/// <param name="LastUserText">The text of the last turn of the user.</param>
/// <param name="Turns">How many turns there are: what user, model and tools said; instructions are none.</param>
/// <param name="Tokens">What the whole prompt counts, tools and instructions included.</param>
/// <param name="MaxTokens">The most that thinking and reply may take together, where the request says so.</param>
internal sealed record Asked(string LastUserText, int Turns, int Tokens, int? MaxTokens);

/// <summary>One reply, worked out: its text in pieces, its calls, and what it used. Out of tokens, it ends where they ended.</summary>
internal sealed class Reply
{
    private const int EchoedCharacters = 400;
    private const int WordsInAPiece = 4;

    public Reply(Asked asked, NextReply? script)
    {
        Asked = asked;
        Script = script;
        Thoughts = script?.Thoughts;
        var left = asked.MaxTokens ?? int.MaxValue;
        var thinking = script?.ThinkingTokens ?? Tokens.Of(Thoughts ?? "");
        ThinkingTokens = Math.Min(thinking, left);
        left -= ThinkingTokens;

        var silent = script is { NoContent: true } or { BlockReason: not null } or { Refusal: not null }
            || script is { Calls: not null, Text: null, Chunks: null };
        IReadOnlyList<string> pieces = silent ? [] : script?.Chunks ?? Pieces(script?.Text ?? Echo(asked));
        var text = string.Concat(pieces);
        OutOfTokens = thinking > ThinkingTokens || Tokens.Of(text) > left || (left == 0 && text.Length > 0);
        Text = OutOfTokens ? Tokens.Begin(text, left) : text;
        Chunks = OutOfTokens ? Cut(pieces, Text.Length) : pieces;
        Calls = OutOfTokens || script?.BlockReason is not null ? [] : script?.Calls ?? [];
    }

    public Asked Asked { get; }
    public NextReply? Script { get; }
    public string Text { get; }

    /// <summary>The text in the pieces of a stream.</summary>
    public IReadOnlyList<string> Chunks { get; }
    public IReadOnlyList<ReplyCall> Calls { get; }
    public string? Thoughts { get; }
    public int ThinkingTokens { get; }
    public bool OutOfTokens { get; }

    public int CachedTokens => Math.Min(Script?.CachedTokens ?? 0, Asked.Tokens);

    /// <summary>What text, refusal and calls count, without the thinking.</summary>
    public int OutputTokens => Tokens.Of(Text) + Tokens.Of(Script?.Refusal ?? "") + CallTokens;

    public int CallTokens => Calls.Sum(call => Tokens.Of(call.Name + ArgsOf(call)));

    public static string ArgsOf(ReplyCall call) => call.Args.ValueKind == System.Text.Json.JsonValueKind.Object ? Core.Json.Text(call.Args) : "{}";

    // A plain sentence that says what it is, and by which a test knows which question it answers and how much history came along.
    private static string Echo(Asked asked)
    {
        var said = string.Join(' ', asked.LastUserText.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var shown = Tokens.Begin(said, EchoedCharacters / 4);
        var turns = asked.Turns.ToString(CultureInfo.InvariantCulture);
        return $"This is the sandbox, not a model. Turns read: {turns}. The last one says: {shown}{(shown.Length < said.Length ? "…" : "")}";
    }

    private static List<string> Pieces(string text)
    {
        var pieces = new List<string>();
        var (start, words) = (0, 0);
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == ' ' && text[at - 1] != ' ' && ++words % WordsInAPiece == 0)
            {
                pieces.Add(text[start..at]);
                start = at;
            }
        }

        if (start < text.Length)
        {
            pieces.Add(text[start..]);
        }

        return pieces;
    }

    private static List<string> Cut(IReadOnlyList<string> pieces, int length)
    {
        var kept = new List<string>();
        foreach (var piece in pieces)
        {
            var room = Math.Min(piece.Length, length - kept.Sum(one => one.Length));
            if (room > 0)
            {
                kept.Add(piece[..room]);
            }
        }

        return kept;
    }
}
