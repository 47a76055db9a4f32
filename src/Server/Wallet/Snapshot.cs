using System.Data.Common;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Reads with many statements what was true at one moment, while money goes on moving.</summary>
public static class Snapshot
{
    /// <summary>Runs the work in a transaction that sees one moment and changes nothing.</summary>
    public static Task<T> ReadOneMoment<T>(this Database database, Func<Session, Task<T>> work, CancellationToken stop = default) => database.Read(
        async session =>
        {
            // Every other engine gives a transaction one view of its own accord.
            await session.Execute(database.EngineName == "postgres" ? "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN TRANSACTION", stop: stop);
            try
            {
                var answer = await work(session);
                await session.Execute("ROLLBACK TRANSACTION", stop: CancellationToken.None);
                return answer;
            }
            catch
            {
                await End(session);
                throw;
            }
        },
        stop);

    private static async Task End(Session session)
    {
        try
        {
            await session.Execute("ROLLBACK TRANSACTION", stop: CancellationToken.None);
        }
        catch (Exception failure) when (failure is DbException or InvalidOperationException)
        {
            // The connection is gone and the transaction with it; what broke it is the news.
        }
    }
}
