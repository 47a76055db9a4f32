using System.Data.Common;

namespace Ledgerline.Persistence;

/// <summary>A session whose statements become durable together or not at all.</summary>
public sealed class Transaction : Session
{
    private readonly List<Action> afterCommit = [];

    internal Transaction(Engine engine, DbConnection connection, DbTransaction transaction)
        : base(engine, connection, transaction)
    {
    }

    /// <summary>Runs once the commit is durable, never after a rollback. For waking others up, not for effects.</summary>
    public void OnCommit(Action wake) => afterCommit.Add(wake);

    internal void Committed()
    {
        foreach (var wake in afterCommit)
        {
            wake();
        }
    }
}
