using System.Data.Common;

namespace Ledgerline.Persistence;

/// <summary>
/// A write was sent, its answer got lost, and the database could not be asked whether it happened. Never to be repeated blindly:
/// whoever knows the business key of the work looks it up, or does the work again where doing it twice is the same as once.
/// </summary>
public sealed class UnknownOutcome(string message, Exception? cause = null) : DbException(message, cause);
