using System.Diagnostics;
using Sandbox.Core;
using Tests.House;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The providers' official libraries drive the sandbox; what it answers them is held against the specifications as well.</summary>
public sealed class OfficialSdkTests
{
    private static readonly string Folder = Repository.Path("tests", "sdk");
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Every script in tests/sdk is one examination.</summary>
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder, "*.mjs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Scripts))]
    public async Task TheLibraryFindsItsProvider(string script)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), "The libraries are not installed: run bin/test, or npm ci in tests/sdk.");
        await SpecInspector.Ready();
        await using var sandbox = SandboxApp.Build(new SandboxOptions { InspectAnswer = SpecInspector.Inspect });
        await sandbox.StartAsync();

        using var node = new Process { StartInfo = new("node", [script]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true } };
        node.StartInfo.Environment["SANDBOX_URL"] = SandboxApp.AddressOf(sandbox);
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

    [Fact]
    public void EachProviderOfTheSandboxHasAnExaminer() => Assert.Superset(new HashSet<string> { "google.mjs", "openai.mjs", "stripe.mjs", "turso.mjs" }, Scripts.Select(script => script.Data).ToHashSet());
}
