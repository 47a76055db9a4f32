using System.Data.Common;

namespace Ledgerline.Persistence;

/// <summary>A session whose statements become durable together or not at all.</summary>
public sealed class Transaction : Session
{
    public const string Commit = "COMMIT";

    private readonly List<Action> afterCommit = [];
    private readonly Dictionary<Delegate, Gathering> gatherings = [];
    private readonly DbConnection connection;
    private readonly DbTransaction inner;
    private readonly List<Action> afterRollback = [];
    private readonly Dictionary<(string, Type), Statement> open = [];
    private Statement? last;

    internal Transaction(Engine engine, DbConnection connection, DbTransaction inner)
        : base(engine, connection, inner) => (this.connection, this.inner) = (connection, inner);

    /// <summary>Runs once the commit is durable, never after a rollback. For waking others up, not for effects.</summary>
    public void OnCommit(Action wake) => afterCommit.Add(wake);

    /// <summary>Runs when it is over and was not committed, or nobody knows whether it was.</summary>
    internal void OnRollback(Action undo) => afterRollback.Add(undo);

    /// <summary>
    /// Runs the statement for this row together with all rows that were deferred under the same statement: before whatever this
    /// transaction asks next, at the latest before its commit. In the SQL <c>{rows}</c> stands for the rows under the name
    /// <c>r</c>, their columns named as <typeparamref name="T"/>'s properties are, in snake_case. No two rows may change the same row.
    /// </summary>
    public void Defer<T>(string sql, T row)
    {
        // Most often the next row of the same statement: a long text is not looked up for each.
        if (last is not Pending<T> rows || !ReferenceEquals(rows.Sql, sql))
        {
            if (!open.TryGetValue((sql, typeof(T)), out var known))
            {
                base.Add(known = open[(sql, typeof(T))] = new Pending<T>(sql));
            }

            last = rows = (Pending<T>)known;
        }

        rows.List.Add(row);
    }

    /// <summary>
    /// Collects items while the transaction works and hands over all of them at once right before the commit, so that what many
    /// caused takes one statement and row locks are taken late. The same method of the same object is the same collection.
    /// </summary>
    /// <param name="isLast">
    /// Handed over after all that is gathered without it: for rows that transactions of every kind lock. Who locked them earlier in one
    /// kind and later in another would meet itself in a deadlock.
    /// </param>
    public void Gather<T>(T item, Func<Transaction, IReadOnlyList<T>, CancellationToken, Task> handOver, bool isLast = false)
    {
        if (!gatherings.TryGetValue(handOver, out var gathering))
        {
            gatherings[handOver] = gathering = new Gathering<T>(handOver) { IsLast = isLast };
        }

        ((Gathering<T>)gathering).Items.Add(item);
    }

    internal void Committed()
    {
        Engine.Watch?.Invoke(Commit);
        foreach (var wake in afterCommit)
        {
            wake();
        }
    }

    internal void RolledBack() => afterRollback.ForEach(undo => undo());

    /// <summary>Hands over what was gathered; what comes of it is written with what is asked next.</summary>
    internal async Task HandOver(CancellationToken stop)
    {
        while (gatherings.Count > 0)
        {
            var (key, gathering) = gatherings.MinBy(one => one.Value.IsLast);
            gatherings.Remove(key);
            await gathering.HandOver(this, stop);
        }
    }

    /// <summary>Hands over what was gathered, writes what was deferred, and commits: where it can in one round trip.</summary>
    internal async Task Complete(CancellationToken stop)
    {
        await HandOver(stop);
        stop.ThrowIfCancellationRequested();
        if (Engine.Watch is { } watch)
        {
            await Send(stop);
            watch(Commit);
        }

        // Once the work is done the commit is not abandoned half-way because a client hung up.
        await Engine.Commit(connection, inner, TakeWaiting(), CancellationToken.None);
    }

    // What is deferred from here on comes after the question.
    private protected override void Add(Statement statement)
    {
        Close();
        base.Add(statement);
    }

    private protected override IReadOnlyList<Statement> TakeWaiting()
    {
        Close();
        return base.TakeWaiting();
    }

    private void Close()
    {
        open.Clear();
        last = null;
    }

    private sealed class Pending<T>(string sql) : Statement(sql)
    {
        public List<T> List { get; } = [];

        internal override RowSet Rows() => RowSet.Of(Sql, List);
    }

    private abstract class Gathering
    {
        public bool IsLast { get; init; }

        public abstract Task HandOver(Transaction transaction, CancellationToken stop);
    }

    private sealed class Gathering<T>(Func<Transaction, IReadOnlyList<T>, CancellationToken, Task> handOver) : Gathering
    {
        public List<T> Items { get; } = [];

        public override Task HandOver(Transaction transaction, CancellationToken stop) => handOver(transaction, Items, stop);
    }
}
