namespace Ledgerline.Persistence.Turso;

/// <summary>An error of one request or one step, as it stands in the answer.</summary>
/// <param name="Code">Such as <c>SQLITE_BUSY</c>; some servers give none.</param>
internal sealed record HranaError(string Message, string? Code);
