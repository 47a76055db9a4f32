using System.Globalization;

namespace Bench.Media;

/// <summary>A bridge that somebody else runs, and that was pointed at the model's stub.</summary>
internal sealed record OtherBridge(Uri Address, int ModelPort, int? Pid)
{
    private const int UsualModelPort = 9100;

    public static OtherBridge Read(string[] words)
    {
        var said = new Dictionary<string, string>();
        for (var at = 0; at + 1 < words.Length; at += 2)
        {
            said[words[at]] = words[at + 1];
        }

        if (words.Length % 2 != 0 || said.Keys.Any(name => name is not ("--bridge" or "--model-port" or "--bridge-pid")) || !said.TryGetValue("--bridge", out var bridge))
        {
            throw new ArgumentException("bin/bench media [--bridge ws://HOST:PORT/PATH [--model-port PORT] [--bridge-pid PID]]");
        }

        return new OtherBridge(new Uri(bridge), Number("--model-port") ?? UsualModelPort, Number("--bridge-pid"));

        int? Number(string name) => said.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : null;
    }
}
