namespace Ledgerline.Persistence;

/// <summary>A statement for many rows that goes to the database together with others.</summary>
public abstract class Statement
{
    private protected Statement(string sql) => Sql = sql;

    internal string Sql { get; }

    /// <summary>Whether somebody waits for the rows that it answers.</summary>
    internal virtual bool IsQuestion => false;

    /// <summary>Its rows as they are sent; asked for once.</summary>
    internal abstract RowSet Rows();

    internal virtual ValueTask Hear(IAnswered answered, CancellationToken stop) => ValueTask.CompletedTask;
}

/// <summary>What a statement has answered.</summary>
internal interface IAnswered
{
    ValueTask<IReadOnlyList<T>> Read<T>(CancellationToken stop);
}

/// <summary>What was asked: it is answered with whatever else goes to the database, at the latest when the answers are wanted.</summary>
public sealed class Question<T> : Statement
{
    private readonly Session session;
    private readonly RowSet rows;
    private IReadOnlyList<T>? answers;

    internal Question(Session session, RowSet rows)
        : base(rows.Sql)
    {
        (this.session, this.rows) = (session, rows);
        answers = rows.Count == 0 ? [] : null;
    }

    internal override bool IsQuestion => true;

    /// <summary>What has been answered already.</summary>
    /// <exception cref="InvalidOperationException">The question has not been sent yet.</exception>
    public IReadOnlyList<T> Answered => answers ?? throw new InvalidOperationException("The question has not been sent to the database yet.");

    public async ValueTask<IReadOnlyList<T>> Answers(CancellationToken stop)
    {
        if (answers is null)
        {
            await session.Send(stop);
        }

        return Answered;
    }

    internal override RowSet Rows() => rows;

    internal override async ValueTask Hear(IAnswered answered, CancellationToken stop) => answers = await answered.Read<T>(stop);
}
