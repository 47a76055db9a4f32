using System.Security.Cryptography;

namespace Ledgerline.Persistence.Turso;

/// <summary>
/// How a commit whose answer got lost is found again: each transaction of this process writes its number into the process's own row,
/// in the same round trip as its COMMIT. Whoever then holds the write lock and reads the row knows.
/// </summary>
internal sealed class CommitMarks
{
    private const string Create = "CREATE TABLE IF NOT EXISTS commit_marks (writer text PRIMARY KEY, number integer NOT NULL)";

    // Rows of processes that are long gone; the newest thousand stay.
    private const string Forget = "DELETE FROM commit_marks WHERE rowid <= (SELECT max(rowid) FROM commit_marks) - 1000";

    private readonly string writer = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private long last;
    private volatile bool ready;

    /// <summary>What the first transaction does first; nothing once one has committed.</summary>
    public IEnumerable<HranaStatement> Prepare() =>
        ready ? [] : [HranaStatement.Of(Create, HranaCondition.AfterSuccess), HranaStatement.Of(Forget, HranaCondition.AfterSuccess)];

    public long Next() => Interlocked.Increment(ref last);

    public HranaStatement Write(long number) => new(
        "INSERT INTO commit_marks (writer, number) VALUES (@writer, @number) ON CONFLICT (writer) DO UPDATE SET number = excluded.number",
        [new("@writer", writer), new("@number", number)], WantRows: false, HranaCondition.InTransaction);

    public HranaStatement Read() =>
        new("SELECT number FROM commit_marks WHERE writer = @writer", [new("@writer", writer)], WantRows: true, HranaCondition.AfterSuccess);

    public void Committed() => ready = true;
}
