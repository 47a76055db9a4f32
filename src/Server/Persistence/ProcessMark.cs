using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Persistence;

/// <summary>
/// Names a process so that another one on the same machine can tell that it is dead. Empty where the machine does not say enough:
/// then only time tells.
/// </summary>
internal static class ProcessMark
{
    private const char Separator = '.';
    private const int StateField = 0;
    private const int StartField = 19;

    // The running machine and the room of process ids within it: a container has its own.
    private static readonly string? Place = PlaceOf();

    /// <summary>To be put behind a ticket.</summary>
    public static readonly string Own = Place is not null && StartOf(Environment.ProcessId) is { } start
        ? string.Create(CultureInfo.InvariantCulture, $"{Separator}{Place}{Separator}{Environment.ProcessId}{Separator}{start}")
        : "";

    /// <summary>Whether the process that made this ticket has certainly ended, or is this one.</summary>
    public static bool IsOfDead(string ticket)
    {
        if (Place is null || ticket.Split(Separator) is not [_, var place, var id, var start] || place != Place
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process))
        {
            return false;
        }

        return process == Environment.ProcessId && ticket.EndsWith(Own, StringComparison.Ordinal)
            || !IsRunning(process)
            || StartOf(process) is { } now && now != start;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // In ticks since the machine started; another process of the same id has another. A killed process whose end nobody has taken
    // note of has none.
    private static string? StartOf(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return fields[StateField] is "Z" or "X" ? "dead" : fields[StartField];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? PlaceOf()
    {
        try
        {
            return new FileInfo("/proc/self/ns/pid").LinkTarget is { } room
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText("/proc/sys/kernel/random/boot_id") + room)))[..16]
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
