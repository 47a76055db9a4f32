using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>
/// Who measures runs on one core and who is measured on the other, so that a fast client does not take the time it wants to measure.
/// On a machine with one core everybody shares it.
/// </summary>
internal static class Cores
{
    private const int OfTheLoad = 0;
    private const int UnderTest = 1;

    private static bool AreTwo => Environment.ProcessorCount > 1;

    /// <summary>Puts this process, with the load and the provider's stub in it, on its core.</summary>
    public static void PinThisProcess()
    {
        if (AreTwo)
        {
            // Every thread there is; those to come inherit it.
            using var pinned = Process.Start(new ProcessStartInfo(
                "taskset", ["-a", "-p", "-c", $"{OfTheLoad}", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
            { RedirectStandardOutput = true })!;
            pinned.StandardOutput.ReadToEnd();
            pinned.WaitForExit();
        }
    }

    /// <summary>The command line that starts a program on the core under test; the process is still the program's own.</summary>
    public static (string Program, IEnumerable<string> Arguments) Apart(string program, IEnumerable<string> arguments) =>
        AreTwo ? ("taskset", ["-c", $"{UnderTest}", program, .. arguments]) : (program, arguments);
}
