using System.Data.Common;

namespace Ledgerline.Persistence.Audit;

/// <summary>Something that holds as long as nothing is lost, doubled or made up.</summary>
/// <param name="Sql">The rows that break it, one a difference, with the columns of <see cref="Difference"/>; parameter <c>@now</c>.</param>
/// <param name="Sentence">Says which account and unit, what was found beside what must be, and by how much.</param>
/// <param name="Clues">Asked in turn until one finds something that alone accounts for the difference.</param>
public sealed record Law(string Sql, Func<Difference, string> Sentence, params Clue[] Clues)
{
    private const int MostListed = 100;
    private const int MostSuspects = 3;

    /// <summary>One sentence a difference; after the first hundred only how many more there are. And how many in all.</summary>
    public async Task<(IReadOnlyList<string> Sentences, long Count)> Check(Session session, DateTimeOffset now, CancellationToken stop)
    {
        // A figure so wrong that it cannot be added up must not keep the other laws from being checked.
        await session.Execute("SAVEPOINT law", stop: stop);
        try
        {
            var found = await Find(session, now, stop);
            await session.Execute("RELEASE SAVEPOINT law", stop: stop);
            return found;
        }
        catch (DbException failure)
        {
            await session.Execute("ROLLBACK TO SAVEPOINT law", stop: stop);
            await session.Execute("RELEASE SAVEPOINT law", stop: stop);
            return ([$"One law could not be checked, because a figure is beyond all bounds ({failure.Message.Split('\n')[0].TrimEnd('.')}): {Title}."], 1);
        }
    }

    // The law's sentence about nobody, which names it.
    private string Title => Sentence(new Difference { AccountId = "…", Unit = "…", Id = "…", Note = "…" }).TrimEnd('.');

    private async Task<(IReadOnlyList<string> Sentences, long Count)> Find(Session session, DateTimeOffset now, CancellationToken stop)
    {
        var rows = await session.List<Difference>(
            $"SELECT * FROM ({Sql}) AS difference ORDER BY account_id, unit, id, cached LIMIT {MostListed + 1}", new { now }, stop);
        List<string> sentences = [];
        foreach (var row in rows.Take(MostListed))
        {
            sentences.Add(await Explain(session, row, stop));
        }

        if (rows.Count <= MostListed)
        {
            return (sentences, rows.Count);
        }

        var count = await session.One<long>($"SELECT COUNT(*) FROM ({Sql}) AS difference", new { now }, stop);
        sentences.Add($"{count - MostListed} more of this kind are not listed.");
        return (sentences, count);
    }

    private async Task<string> Explain(Session session, Difference row, CancellationToken stop)
    {
        var asked = new { row.AccountId, row.Unit, row.Id, Off = row.OffMicro, Minus = -row.OffMicro };
        foreach (var clue in Clues)
        {
            var suspects = await session.List<string>($"{clue.Sql} LIMIT {MostSuspects + 1}", asked, stop);
            if (suspects.Count > 0)
            {
                var names = suspects.Count > MostSuspects ? $"one of many such as {suspects[0]}" : string.Join(" or ", suspects);
                return $"{Sentence(row)} Suspect: {names}{clue.Says}.";
            }
        }

        return Sentence(row);
    }
}

/// <summary>A question that may explain a difference.</summary>
/// <param name="Sql">
/// Ids, the likeliest first. Parameters: <c>@AccountId</c>, <c>@Unit</c>, <c>@Id</c>, <c>@Off</c> (cached less added) and <c>@Minus</c>.
/// </param>
/// <param name="Says">What it means for those that were found, after their ids.</param>
public sealed record Clue(string Sql, string Says);
