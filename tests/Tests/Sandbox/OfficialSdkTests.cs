using Sandbox.Core;
using Tests.Specs;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The providers' official libraries drive the sandbox; what it answers them is held against the specifications as well.</summary>
public sealed class OfficialSdkTests
{
    /// <summary>Every script in tests/sdk is one examination.</summary>
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(SdkExaminer.Folder, "*.mjs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Scripts))]
    public async Task TheLibraryFindsItsProvider(string script)
    {
        await SpecInspector.Ready();
        await using var sandbox = SandboxApp.Build(new SandboxOptions { InspectAnswer = SpecInspector.Inspect });
        await sandbox.StartAsync();

        await SdkExaminer.Examine(script, new() { ["SANDBOX_URL"] = SandboxApp.AddressOf(sandbox) });
    }

    [Fact]
    public void EachProviderOfTheSandboxHasAnExaminer() => Assert.Superset(new HashSet<string> { "gemini.mjs", "google.mjs", "openai.mjs", "openai-chat.mjs", "openai-realtime.mjs", "stripe.mjs", "turso.mjs", "twilio.mjs", "twilio-calls.mjs" }, Scripts.Select(script => script.Data).ToHashSet());
}
