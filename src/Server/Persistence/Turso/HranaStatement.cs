namespace Ledgerline.Persistence.Turso;

/// <summary>When a step runs.</summary>
internal enum HranaCondition
{
    Always,

    /// <summary>Only if the step before it ran and succeeded.</summary>
    AfterSuccess,

    /// <summary>Only within a transaction: never by itself.</summary>
    InTransaction,
}

/// <summary>One SQL statement with its arguments, as a step of a batch.</summary>
/// <param name="Arguments">By name; values as a parameter takes them.</param>
internal sealed record HranaStatement(string Sql, IReadOnlyList<KeyValuePair<string, object?>> Arguments, bool WantRows, HranaCondition When = HranaCondition.Always)
{
    public static HranaStatement Of(string sql, HranaCondition when = HranaCondition.Always) => new(sql, [], false, when);
}
