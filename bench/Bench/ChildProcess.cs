using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>A program under measurement: what it used is read from the kernel's own accounting.</summary>
internal sealed class ChildProcess : IDisposable
{
    // /proc counts in hundredths of a second on every Linux that .NET runs on.
    private const double MicrosecondsPerTick = 10_000;

    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += Pass;
        process.ErrorDataReceived += Pass;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process);
    }

    // BENCH_LOG=1 shows what the programs say that are measured.
    private static void Pass(object from, DataReceivedEventArgs line)
    {
        if (Environment.GetEnvironmentVariable("BENCH_LOG") == "1")
        {
            Console.Error.WriteLine(line.Data);
        }
    }

    /// <summary>Processor time of this process and its direct children so far, in microseconds.</summary>
    public double CpuMicroseconds() => Family().Sum(CpuOf);

    /// <summary>Resident memory now, in MB.</summary>
    public double MemoryMegabytes() => StatusKilobytes(Id, "VmRSS:") / 1024;

    /// <summary>The most resident memory there ever was, in MB, of this process and its direct children.</summary>
    public double PeakMegabytes() => Family().Sum(id => StatusKilobytes(id, "VmHWM:")) / 1024;

    /// <summary>From now on the most is counted anew.</summary>
    public void ForgetPeak()
    {
        foreach (var id in Family())
        {
            // The kernel's word for it: 5 resets the high-water mark.
            File.WriteAllText($"/proc/{id}/clear_refs", "5");
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private IEnumerable<int> Family()
    {
        yield return Id;
        var children = $"/proc/{Id}/task/{Id}/children";
        if (File.Exists(children))
        {
            foreach (var child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return int.Parse(child, CultureInfo.InvariantCulture);
            }
        }
    }

    private static double CpuOf(int id)
    {
        // The name in brackets may hold spaces; what follows it does not.
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) * MicrosecondsPerTick;
    }

    private static double StatusKilobytes(int id, string name) => double.Parse(
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
