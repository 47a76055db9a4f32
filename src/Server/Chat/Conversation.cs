using Ledgerline.Ai;

namespace Ledgerline.Chat;

/// <summary>What a model is told of a room.</summary>
internal static class Conversation
{
    /// <summary>
    /// The last <see cref="ChatOptions.History"/> messages up to this one, each answer after its question, whenever it was written. They
    /// begin with a person's turn and change sides each time: what had no answer, or only our apology, joins the next message.
    /// </summary>
    public static IReadOnlyList<ChatTurn> Turns(IReadOnlyList<MessageRow> messages, long upTo)
    {
        var answers = messages.Where(row => row.Answers is not null && row.Failure is null).ToDictionary(row => row.Answers!.Value, row => row.Content);
        List<ChatTurn> turns = [];
        foreach (var question in messages.Where(row => row.Answers is null && row.Id <= upTo).OrderBy(row => row.Id))
        {
            if (turns is [.., { Role: ChatRole.User } unanswered])
            {
                turns[^1] = unanswered with { Text = $"{unanswered.Text}\n\n{question.Content}" };
            }
            else
            {
                turns.Add(new ChatTurn(ChatRole.User, question.Content));
            }

            if (question.Id != upTo && answers.TryGetValue(question.Id, out var answer))
            {
                turns.Add(new ChatTurn(ChatRole.Model, answer));
            }
        }

        var from = Math.Max(0, turns.Count - ChatOptions.History);
        return [.. turns.Skip(from).SkipWhile(turn => turn.Role != ChatRole.User)];
    }
}
