using System.Data.Common;

namespace Ledgerline.Persistence.Turso;

/// <summary>What a libSQL server refused, or what kept it from answering.</summary>
internal sealed class HranaException(string message, string? code = null, Exception? cause = null) : DbException(message, cause)
{
    /// <summary>The server's own, such as <c>SQLITE_CONSTRAINT</c>; null when there was no such answer.</summary>
    public string? Code { get; } = code;

    /// <summary>Nothing was committed and nothing will be: the same transaction may simply run again.</summary>
    public bool MayRunAgain { get; init; }

    // The servers name the constraint's kind in the message, the newer ones also in the code.
    public bool IsDuplicate =>
        Code is "SQLITE_CONSTRAINT_UNIQUE" or "SQLITE_CONSTRAINT_PRIMARYKEY" or "SQLITE_CONSTRAINT_ROWID"
        || (Code is null || Code.StartsWith("SQLITE_CONSTRAINT", StringComparison.Ordinal)) && Message.Contains("UNIQUE constraint failed", StringComparison.Ordinal);

    public override bool IsTransient => MayRunAgain;

    /// <summary>A statement's error as the server words it; a busy database means that nothing has happened.</summary>
    public static HranaException Of(HranaError error) =>
        new(error.Message, error.Code) { MayRunAgain = error.Code?.StartsWith("SQLITE_BUSY", StringComparison.Ordinal) == true };

    /// <summary>The stream is gone, and with it what it had not committed.</summary>
    public static HranaException Lost(string why, Exception? cause = null) =>
        new($"The transaction was lost before its commit: {why}", cause: cause) { MayRunAgain = true };
}
