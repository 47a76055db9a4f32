namespace Bench;

/// <summary>How fast the product is there, and how little it needs while nobody calls.</summary>
internal static class StartBench
{
    private const int Runs = 5;

    public static async Task Run(Report report)
    {
        var folder = Directory.CreateTempSubdirectory("ledgerline-bench-").FullName;
        try
        {
            List<double> starts = [], idle = [];
            for (var run = 0; run <= Runs; run++)
            {
                using var server = await ServerProcess.Start($"sqlite:{folder}/start.db");
                await Task.Delay(TimeSpan.FromSeconds(2));
                if (run > 0)
                {
                    starts.Add(server.ColdStart.TotalMilliseconds);
                    idle.Add(server.Child.MemoryMegabytes());
                }
            }

            report.Add("server.start.health", "ms", Median(starts), 1500, "bar");
            report.Add("server.idle.memory", "MB", Median(idle), 150, "bar");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);
}
