using System.Threading.Channels;

namespace Ledgerline.Persistence;

/// <summary>
/// Questions that are asked one by one, answered together: whatever is asked on this node while another question is at the database
/// shares the next one. Each answer was read after its question was asked.
/// </summary>
/// <param name="read">Answers for all keys; a key without an answer may be left out.</param>
public sealed class GroupRead<TKey, TValue>(
    Database database, Func<Session, IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TValue>>> read)
    where TKey : notnull
{
    /// <summary>More would make the last one wait for no gain.</summary>
    private const int MostAtOnce = 500;

    private readonly Channel<Question> queue = Channel.CreateUnbounded<Question>(new UnboundedChannelOptions { SingleReader = true });
    private int running;

    /// <summary>Default where there is no answer.</summary>
    public async ValueTask<TValue?> Read(TKey key, CancellationToken stop)
    {
        var question = new Question(key);
        queue.Writer.TryWrite(question);
        if (Interlocked.Exchange(ref running, 1) == 0)
        {
            _ = Task.Run(Drain, CancellationToken.None);
        }

        return await question.Answer.Task.WaitAsync(stop);
    }

    private async Task Drain()
    {
        List<Question> together = [];
        while (true)
        {
            together.Clear();
            while (together.Count < MostAtOnce && queue.Reader.TryRead(out var next))
            {
                together.Add(next);
            }

            if (together.Count > 0)
            {
                await Answer(together);
                continue;
            }

            Interlocked.Exchange(ref running, 0);
            // Somebody may have asked between the look and the word that nobody is at work.
            if (queue.Reader.Count == 0 || Interlocked.Exchange(ref running, 1) != 0)
            {
                return;
            }
        }
    }

    private async Task Answer(List<Question> together)
    {
        try
        {
            List<TKey> keys = [.. together.Select(question => question.Key).Distinct()];
            var answers = await database.Read(session => read(session, keys, CancellationToken.None), CancellationToken.None);
            together.ForEach(question => question.Answer.SetResult(answers.GetValueOrDefault(question.Key)));
        }
        catch (Exception failure)
        {
            together.ForEach(question => question.Answer.SetException(failure));
        }
    }

    private sealed record Question(TKey Key)
    {
        public TaskCompletionSource<TValue?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
