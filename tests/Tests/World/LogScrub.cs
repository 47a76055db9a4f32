using Xunit;

namespace Tests.World;

/// <summary>
/// What must never be in a log. Send canaries through the product (passwords, tokens, codes, keys, e-mails, transcripts), then hold
/// all log lines of the world against them.
/// </summary>
internal static class LogScrub
{
    /// <param name="secrets">Each at least six characters, or it could occur by chance.</param>
    public static void AssertClean(LogLines logs, params string[] secrets) => AssertClean(logs.All, secrets);

    /// <inheritdoc cref="AssertClean(LogLines, string[])"/>
    public static void AssertClean(IReadOnlyCollection<string> lines, params string[] secrets)
    {
        Assert.NotEmpty(lines);
        Assert.All(secrets, secret => Assert.True(secret.Length >= 6, $"{secret} is too short to be a canary"));
        // Also as it stands in an address.
        var forms = secrets.SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) }).Distinct().ToList();
        Assert.Empty(from line in lines from form in forms where line.Contains(form, StringComparison.OrdinalIgnoreCase) select $"The log says {form}: {line}");
    }
}
