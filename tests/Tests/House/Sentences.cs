using Xunit;

namespace Tests.House;

/// <summary>What the house tests find, one sentence a line.</summary>
internal static class Sentences
{
    /// <summary>Fails with all of them, in order and each once.</summary>
    public static void None(IEnumerable<string?> sentences)
    {
        var found = sentences.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
