using Ledgerline.Billing;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Calls.Status;
using Ledgerline.Chat;
using Ledgerline.Identity;
using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Ledgerline.Wallet;
using Ledgerline.Wallet.Journals;

namespace Ledgerline;

/// <summary>What the operator does on the command line instead of serving.</summary>
internal static class Verbs
{
    private const string Usage = "Use migrate, audit, journal, reconcile, admin create EMAIL or keys rotate, or nothing to serve.";

    /// <summary>The words of a command line: what is no option.</summary>
    public static string[] Words(string[] args) => [.. args.Where(arg => !arg.StartsWith('-'))];

    /// <summary>The exit code, and what to print. What has no end in sight is written to the output as it comes.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Lines)> Run(WebApplication app, string[] args, TextWriter output)
    {
        switch (Words(args))
        {
            case ["migrate"]:
                var applied = await app.BringUpToDate();
                return (0, [applied.Count == 0 ? "The schema is up to date." : $"Applied {string.Join(", ", applied)}."]);
            case ["audit"]:
                var report = await Audit(app);
                return (report.DifferenceCount == 0 ? 0 : 1, report.Lines());
            case ["journal", ..]:
                return await WriteJournal(app, args[(Array.IndexOf(args, "journal") + 1)..], output);
            case ["reconcile"]:
                await app.BringUpToDate();
                return await ReconcileWithStripe.Verb(app.Services);
            case ["admin", "create", var email]:
                await app.BringUpToDate();
                return Told(await app.Services.GetRequiredService<OperatorVerbs>().CreateAdmin(email));
            case ["keys", "rotate"]:
                await app.BringUpToDate();
                return Told(await app.Services.GetRequiredService<OperatorVerbs>().RotateKeys());
            case var words:
                return (2, [$"There is no verb {string.Join(' ', words)}. {Usage}"]);
        }
    }

    /// <summary>Adds up every book of every capability that has some, all as of one moment.</summary>
    public static Task<AuditReport> Audit(WebApplication app) => app.Services.GetRequiredService<Database>().ReadOneMoment(async session =>
    {
        var report = new AuditReport();
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await LedgerAudit.Inspect(session, report, now);
        await UsageAudit.Inspect(session, report, now);
        await PlansAudit.Inspect(session, report, CallBook.Closed, now);
        await BillingAudit.Inspect(session, report, UsageAudit.BilledUses, now);
        await ChatAudit.Inspect(session, report, now);
        return report;
    });

    private static async Task<(int, IReadOnlyList<string>)> WriteJournal(WebApplication app, string[] options, TextWriter output)
    {
        JournalFilter filter;
        try
        {
            filter = JournalFilter.Parse(options);
        }
        catch (FormatException fault)
        {
            return (2, [fault.Message]);
        }

        await new Journal(app.Services.GetRequiredService<Database>()).Write(output, filter);
        return (0, []);
    }

    private static (int, IReadOnlyList<string>) Told(OperatorAnswer answer) => (answer.Done ? 0 : 1, [answer.Sentence]);
}
