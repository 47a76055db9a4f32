using System.Diagnostics;
using Tests.House;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Runs one of the scripts in <c>tests/sdk</c>, in which a provider's own library examines the sandbox.</summary>
internal static class SdkScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Fails with what the script printed, unless it ends well and examined something.</summary>
    public static async Task Run(string script, params (string Name, string Value)[] environment)
    {
        var folder = Repository.Path("tests", "sdk");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "The providers' libraries are not installed: npm ci --prefix tests/sdk");
        var start = new ProcessStartInfo("node", [script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var printed = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        var said = string.Join('\n', await printed);
        Assert.True(process.ExitCode == 0 && said.Contains("ok ", StringComparison.Ordinal), $"node {script} ended with {process.ExitCode}:\n{said}");
    }
}
