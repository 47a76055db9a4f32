using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;
using Ledgerline.Wallet;
using Ledgerline.Wallet.Journals;

namespace Tests.Wallet;

/// <summary>Changes rows behind the ledger's back, looks, and puts them back as they were.</summary>
internal static class Corrupted
{
    /// <summary>What an audit says then.</summary>
    public static async Task<AuditReport> Audit(
        Database database, string sql, Func<Session, AuditReport, Task>? inspect = null)
    {
        var report = new AuditReport();
        inspect ??= (session, into) => LedgerAudit.Inspect(session, into, DateTimeOffset.UnixEpoch);
        await Within(database, sql, session => inspect(session, report));
        return report;
    }

    /// <summary>The journal as it reads then.</summary>
    public static async Task<string> Export(Database database, string sql)
    {
        using var text = new StringWriter();
        await Within(database, sql, session => Journal.Write(session, text, new JournalFilter()));
        return text.ToString();
    }

    private static async Task Within(Database database, string sql, Func<Session, Task> look)
    {
        try
        {
            await database.Write(async transaction =>
            {
                await transaction.Execute(sql);
                await look(transaction);
                throw new PutBack();
            });
        }
        catch (PutBack)
        {
            // As it was.
        }
    }

    private sealed class PutBack : Exception;
}
