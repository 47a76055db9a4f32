using System.Text;

namespace Ledgerline.Calls.Bridge;

/// <summary>What was said last, for a session that takes over.</summary>
internal sealed class CallMemory
{
    private const int MostLines = 40;
    private const int MostCharacters = 6000;

    private readonly Lock gate = new();
    private readonly Queue<string> lines = new();
    private int count;

    /// <summary>Lines until now, those that are forgotten too.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return count;
            }
        }
    }

    public void Add(string speaker, string text)
    {
        lock (gate)
        {
            count++;
            lines.Enqueue($"{(speaker == SpokenLine.Agent ? "You" : "Caller")}: {(text.Length <= MostCharacters ? text : text[..MostCharacters])}");
            while (lines.Count > MostLines || lines.Sum(line => line.Length) > MostCharacters && lines.Count > 1)
            {
                lines.Dequeue();
            }
        }
    }

    /// <summary>Null when nothing was said.</summary>
    /// <param name="after">So many lines are known already.</param>
    public string? Summary(int after = 0)
    {
        lock (gate)
        {
            var fresh = lines.Skip(Math.Max(0, lines.Count - (count - after))).ToList();
            return fresh.Count == 0
                ? null
                : new StringBuilder("You are in the middle of this call. What was said last, the latest at the end:\n").AppendJoin('\n', fresh).ToString();
        }
    }
}
