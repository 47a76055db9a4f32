namespace Ledgerline.Scenarios.BuiltIns;

/// <summary>Makes a scenario that comes with the product.</summary>
internal static class BuiltIn
{
    private const string Harmless =
        """
        This is play-acting that the account's owner arranged. Never ask for money, payment, passwords, codes, card, account or identity numbers
        or an address, and never name a real company, authority, hospital or person. If the other person seems truly frightened or distressed, or
        seriously asks whether this is real, leave your role at once: say kindly that it is an arranged AI call, that nothing has happened and
        that everybody is well, and stay until they are at ease.
        """;

    /// <summary>One that is what it says.</summary>
    public static Scenario Call(string id, string name, string voice, decimal temperature, string persona, string prompt, bool takesDtmf = false) =>
        new(id, name, OnOneLine(persona), OnOneLine(prompt), voice, temperature, TakesDtmf: takesDtmf);

    /// <summary>One that pretends something: it does no harm, and ends where somebody is frightened.</summary>
    public static Scenario Play(string id, string name, string voice, decimal temperature, string persona, string prompt) =>
        new(id, name, OnOneLine(persona), $"{OnOneLine(prompt)} {OnOneLine(Harmless)}", voice, temperature);

    // Line breaks are where the source's lines end, not where a speaker pauses.
    private static string OnOneLine(string text) => text.ReplaceLineEndings(" ");
}
