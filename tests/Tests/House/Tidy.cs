using System.Text.RegularExpressions;

namespace Tests.House;

/// <summary>Words the house does without, and what it says instead.</summary>
internal static class Tidy
{
    private const int LongestFile = 400;

    private static readonly string[] Money = ["src/Server/Wallet/", "src/Server/Billing/", "src/Server/Usage/", "src/Server/Kernel/"];
    private static readonly string[] Server = ["src/Server/"];

    public static readonly Ban[] Bans =
    [
        new(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b", "TimeProvider"),
        new(@"\bStopwatch\b", "TimeProvider.GetTimestamp", In: Server)
        {
            Except = { ["src/Server/Providers/Wire/OutboundLog.cs"] = "a log line tells how long a call really took" },
        },
        new(@"\bThread\.Sleep\(", "await the event itself"),
        new(@"\bTask\.Delay\((?!.*([Cc]lock|TimeProvider|InfiniteTimeSpan))", "await the event, or delay on a TimeProvider", In: ["src/Server/", "tests/"]),
        new(@"(\)|[Tt]ask)\.Result\b|\.Wait\(\)", "await"),
        new(@"\.GetAwaiter\(\)\.GetResult\(\)", "await")
        {
            Except =
            {
                ["tests/Tests/Specs/SpecBody.cs"] = "parts are read from memory, where nothing is waited for",
                ["tests/Tests/Specs/SpecInspector.cs"] = "the sandbox asks synchronously, after the specifications are read",
            },
        },
        new(@"\bnew HttpClient\(", "Providers.Wire.Outbound", In: Server),
        new(@"\bGuid\.(NewGuid|CreateVersion7)\(|\bRandom\.Shared\b|\bnew Random\(", "Kernel.Ids", In: Server),
        new(@"\bConsole\.((Out|Error)\.)?Write", "a logger", In: Server)
        {
            Except = { ["src/Server/Program.cs"] = "the admin verbs answer on the console" },
        },
        new(@"\b(float|double|Single|Double)\b", "integers of the smallest unit, or decimal", In: Money),
        new(@"\b(TODO|FIXME)\b", "do it, or open an issue", Code: false),
        new(@"[ \t\r]+$", "end the line where its text ends", Code: false),
        new(@"(?<![\w.}])/(work|farm)/|/tmp/bash", "a path that every machine has", Code: false),
        new("https?://", "no package host", In: ["packages.lock.json"], Code: false),
        new("\"resolved\":", "omit-lockfile-registry-resolved=true in .npmrc", In: ["package-lock.json"], Code: false),
    ];

    /// <summary>What is wrong with one file, a sentence each.</summary>
    public static IEnumerable<string> Faults(string file, string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        foreach (var ban in Bans.Where(ban => ban.Covers(file) && !ban.Except.ContainsKey(file)))
        {
            for (var number = 1; number <= lines.Length; number++)
            {
                if (ban.Find(lines[number - 1]) is { } words)
                {
                    yield return $"{file}:{number} says \"{words}\"; instead: {ban.Instead}.";
                }
            }
        }

        if (Path.GetExtension(file) is ".cs" or ".ts" or ".tsx" or ".mjs" or ".js" or ".py" or ".sql" && lines.Length > LongestFile)
        {
            yield return $"{file} has {lines.Length} lines; there is a second room in anything over {LongestFile}.";
        }

        var name = Path.GetFileName(file).Split('.')[0];
        if (file.EndsWith(".cs", StringComparison.Ordinal) && name != "Program" && !Regex.IsMatch(text, $@"\b(class|struct|interface|enum|record|delegate \S+) I?{name}"))
        {
            yield return $"{file} holds no type whose name begins with {name}.";
        }
    }
}
