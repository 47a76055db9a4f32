namespace Ledgerline.Persistence.Turso;

/// <summary>A column of a result: its name, and the type it was declared with where it is a table's.</summary>
internal sealed record HranaColumn(string Name, string? DeclaredType);

/// <summary>What one statement answered: rows of null, long, double, string or byte[].</summary>
internal sealed record HranaResult(IReadOnlyList<HranaColumn> Columns, IReadOnlyList<object?[]> Rows, long Changed)
{
    public static readonly HranaResult Nothing = new([], [], 0);
}

/// <summary>What became of one step of a batch; neither: its condition did not hold and it was not run.</summary>
internal readonly record struct HranaStep(HranaResult? Result, HranaError? Error)
{
    public bool WasSkipped => Result is null && Error is null;
}

/// <summary>What one request of a pipeline answered.</summary>
/// <param name="Steps">Those of a batch; empty for everything else.</param>
internal sealed record HranaResponse(HranaError? Error, IReadOnlyList<HranaStep> Steps);

/// <summary>The answer to a whole pipeline.</summary>
/// <param name="Baton">Addresses the stream in the next request; null when the server has closed it.</param>
/// <param name="BaseUrl">Where the rest of the stream is served; null: where it was.</param>
internal sealed record HranaAnswer(string? Baton, string? BaseUrl, IReadOnlyList<HranaResponse> Responses);
