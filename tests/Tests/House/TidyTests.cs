using Xunit;

namespace Tests.House;

public sealed class TidyTests
{
    // These two name what they ban.
    private static readonly string[] TheRules = ["tests/Tests/House/Tidy.cs", "tests/Tests/House/TidyTests.cs"];

    private static readonly HashSet<string> NotOurs = [".git", "obj", "node_modules", "artifacts", "TestResults"];

    private static readonly HashSet<string> Texts =
    [
        "", ".cs", ".csproj", ".css", ".editorconfig", ".html", ".js", ".json", ".md", ".mjs", ".npmrc", ".props", ".py", ".service",
        ".sh", ".slnx", ".sql", ".targets", ".ts", ".tsx", ".txt", ".yaml", ".yml",
    ];

    [Fact]
    public void TheHouseIsTidy() =>
        Sentences.None(Sources().Except(TheRules).SelectMany(file => Tidy.Faults(file, Read(file))));

    [Fact]
    public void EveryExceptionIsStillNeeded() => Sentences.None(
        from ban in Tidy.Bans
        from file in ban.Except.Keys
        where !File.Exists(Repository.Path(file)) || !Read(file).Split('\n').Any(line => ban.Find(line) is not null)
        select $"{file} no longer says what only it may say ({ban.Pattern}): take it off the list.");

    [Theory]
    [InlineData("src/Server/Jobs/Job.cs", "var now = DateTime.UtcNow;", "src/Server/Jobs/Job.cs:2 says \"DateTime.UtcNow\"; instead: TimeProvider.")]
    [InlineData("src/Server/Jobs/Job.cs", "// not DateTime.UtcNow", null)]
    [InlineData("src/Server/Jobs/Job.cs", "using var http = new HttpClient();", "src/Server/Jobs/Job.cs:2 says \"new HttpClient(\"; instead: Providers.Wire.Outbound.")]
    [InlineData("tests/Tests/Jobs/Job.cs", "using var http = new HttpClient();", null)]
    [InlineData("src/Server/Wallet/Job.cs", "double rate = 1;", "src/Server/Wallet/Job.cs:2 says \"double\"; instead: integers of the smallest unit, or decimal.")]
    [InlineData("src/Server/Wallet/Job.cs", "decimal rate = 1; // double entry", null)]
    [InlineData("tests/Tests/Jobs/Job.cs", "await Task.Delay(100);", "tests/Tests/Jobs/Job.cs:2 says \"Task.Delay(\"; instead: await the event, or delay on a TimeProvider.")]
    [InlineData("tests/Tests/Jobs/Job.cs", "await Task.Delay(pause, clock);", null)]
    [InlineData("src/Sandbox/Core/Job.cs", "return task.Result;", "src/Sandbox/Core/Job.cs:2 says \"task.Result\"; instead: await.")]
    [InlineData("src/Server/Jobs/Job.cs", "int x; // TODO: more", "src/Server/Jobs/Job.cs:2 says \"TODO\"; instead: do it, or open an issue.")]
    [InlineData("src/Server/Jobs/Job.cs", "int x; ", "src/Server/Jobs/Job.cs:2 says \" \"; instead: end the line where its text ends.")]
    [InlineData("src/Server/Jobs/Work.cs", "int x;", "src/Server/Jobs/Work.cs holds no type whose name begins with Work.")]
    [InlineData("README.md", "cd /work/main", "README.md:2 says \"/work/\"; instead: a path that every machine has.")]
    [InlineData("tests/sdk/package-lock.json", "\"resolved\": \"x\"", "tests/sdk/package-lock.json:2 says \"\"resolved\":\"; instead: omit-lockfile-registry-resolved=true in .npmrc.")]
    public void AFaultReadsAsASentence(string file, string line, string? sentence) =>
        Assert.Equal(sentence is null ? [] : [sentence], Tidy.Faults(file, $"internal sealed class Job;\n{line}\n"));

    [Fact]
    public void AFileHasAnEnd()
    {
        Assert.Empty(Tidy.Faults("src/Job.cs", "class Job;\n" + new string('\n', 399)));
        var text = "class Job;\n" + string.Concat(Enumerable.Repeat("int x;\n", 400));
        Assert.Equal(["src/Job.cs has 401 lines; there is a second room in anything over 400."], Tidy.Faults("src/Job.cs", text));
    }

    private static IEnumerable<string> Sources() =>
        from file in Below(new DirectoryInfo(Repository.Root))
        where Texts.Contains(Path.GetExtension(file))
        select Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    private static IEnumerable<string> Below(DirectoryInfo folder) =>
    [
        .. folder.GetFiles().Where(file => file.LinkTarget is null && file.Length < 1_000_000).Select(file => file.FullName),
        .. folder.GetDirectories().Where(inner => !NotOurs.Contains(inner.Name) && !IsBuilt(inner) && inner.LinkTarget is null).SelectMany(Below),
    ];

    // "bin" at the root holds our scripts; "data" there is what a server run by hand leaves.
    private static bool IsBuilt(DirectoryInfo folder) =>
        folder.Name == "bin" ? folder.Parent!.GetFiles("*.csproj").Length > 0 : folder.Name == "data" && folder.Parent!.FullName == Repository.Root;

    private static string Read(string file) => File.ReadAllText(Repository.Path(file));
}
