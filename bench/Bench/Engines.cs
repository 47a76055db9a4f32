namespace Bench;

/// <summary>Runs a benchmark on each engine there is: SQLite in a folder of its own, and PostgreSQL where BENCH_POSTGRES names one.</summary>
internal static class Engines
{
    /// <param name="bench">With the engine's name and the address of a database.</param>
    /// <param name="last">Afterwards, with the folder.</param>
    public static async Task Each(string database, Func<string, string, Task> bench, Func<string, Task>? last = null)
    {
        var folder = Directory.CreateTempSubdirectory("ledgerline-bench-").FullName;
        try
        {
            await bench("sqlite", $"sqlite:{folder}/{database}.db");
            if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } postgres)
            {
                await bench("postgres", postgres);
            }

            await (last?.Invoke(folder) ?? Task.CompletedTask);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
