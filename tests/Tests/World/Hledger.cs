using System.Diagnostics;

namespace Tests.World;

/// <summary>Debian's hledger: another program's opinion of our books.</summary>
internal static class Hledger
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it over the journal; answers its exit code and all it said.</summary>
    public static async Task<(int Code, string Said)> Run(string journal, params string[] words)
    {
        var start = new ProcessStartInfo("hledger", ["-f", "-", .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
        using var hledger = Process.Start(start)!;
        var said = Task.WhenAll(hledger.StandardOutput.ReadToEndAsync(), hledger.StandardError.ReadToEndAsync());
        await hledger.StandardInput.WriteAsync(journal);
        hledger.StandardInput.Close();
        await hledger.WaitForExitAsync().WaitAsync(Patience);
        return (hledger.ExitCode, string.Concat(await said));
    }
}
