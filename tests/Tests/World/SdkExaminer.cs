using System.Diagnostics;
using Tests.House;
using Xunit;

namespace Tests.World;

/// <summary>Runs one of the examinations in tests/sdk, which the official libraries of Node make; it must say that all went well.</summary>
internal static class SdkExaminer
{
    public static readonly string Folder = Repository.Path("tests", "sdk");
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static async Task Examine(string script, Dictionary<string, string> settings)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), "The libraries are not installed: run bin/test, or npm ci in tests/sdk.");
        using var node = new Process { StartInfo = new("node", [script]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true } };
        foreach (var (name, value) in settings)
        {
            node.StartInfo.Environment[name] = value;
        }

        node.Start();
        using var patience = new CancellationTokenSource(Longest);
        try
        {
            var (said, complained) = (node.StandardOutput.ReadToEndAsync(patience.Token), node.StandardError.ReadToEndAsync(patience.Token));
            await node.WaitForExitAsync(patience.Token);
            Assert.True(node.ExitCode == 0, $"{script} ended with {node.ExitCode}.\n{await said}{await complained}");
            Assert.Contains("ok ", await said, StringComparison.Ordinal);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }
}
