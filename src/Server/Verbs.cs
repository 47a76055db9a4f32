using Ledgerline.Identity;
using Ledgerline.Wallet;

namespace Ledgerline;

/// <summary>What the operator does on the command line instead of serving.</summary>
internal static class Verbs
{
    private const string Usage = "Use migrate, audit, admin create EMAIL or keys rotate, or nothing to serve.";

    /// <summary>The exit code, and what to print.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Lines)> Run(WebApplication app, string[] words)
    {
        switch (words)
        {
            case ["migrate"]:
                var applied = await app.BringUpToDate();
                return (0, [applied.Count == 0 ? "The schema is up to date." : $"Applied {string.Join(", ", applied)}."]);
            case ["audit"]:
                var differences = await app.Services.GetRequiredService<LedgerAudit>().Run();
                return differences.Count == 0 ? (0, ["Every book balances."]) : (1, [.. differences, $"{differences.Count} differences."]);
            case ["admin", "create", var email]:
                await app.BringUpToDate();
                return Told(await app.Services.GetRequiredService<OperatorVerbs>().CreateAdmin(email));
            case ["keys", "rotate"]:
                await app.BringUpToDate();
                return Told(await app.Services.GetRequiredService<OperatorVerbs>().RotateKeys());
            default:
                return (2, [$"There is no verb {string.Join(' ', words)}. {Usage}"]);
        }
    }

    private static (int, IReadOnlyList<string>) Told(OperatorAnswer answer) => (answer.Done ? 0 : 1, [answer.Sentence]);
}
