using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Bench;

/// <summary>Debian's wrk: a load generator in C that leaves the cores to who is measured.</summary>
internal static partial class Wrk
{
    /// <summary>Requests a second that were answered well; each connection sends what <paramref name="lua"/>'s <c>request</c> function returns.</summary>
    public static async Task<double> Rate(Uri address, string lua, int connections, TimeSpan measured)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, lua);
            using var process = Process.Start(new ProcessStartInfo(
                "wrk", ["-t1", $"-c{connections}", $"-d{(int)measured.TotalSeconds}s", "-s", script, address.ToString()])
            { RedirectStandardOutput = true })!;
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return !said.Contains("Non-2xx", StringComparison.Ordinal) && RequestsASecond().Match(said) is { Success: true } found
                ? double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException($"Not every request was answered well: {said}");
        }
        finally
        {
            File.Delete(script);
        }
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex RequestsASecond();
}
