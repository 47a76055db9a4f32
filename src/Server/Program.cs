using Ledgerline;
using Ledgerline.Wallet;

var verb = args.FirstOrDefault(arg => !arg.StartsWith('-'));
try
{
    await using var app = ServerApp.Build(args);
    if (StartupChecks.Faults(app.Services) is { Count: > 0 } faults)
    {
        return Refuse(faults);
    }

    switch (verb)
    {
        case null:
            await app.BringUpToDate();
            await app.RunAsync();
            return 0;
        case "migrate":
            var applied = await app.BringUpToDate();
            Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : $"Applied {string.Join(", ", applied)}.");
            return 0;
        case "audit":
            var differences = await app.Services.GetRequiredService<LedgerAudit>().Run();
            foreach (var difference in differences)
            {
                Console.WriteLine(difference);
            }

            Console.WriteLine(differences.Count == 0 ? "Every book balances." : $"{differences.Count} differences.");
            return differences.Count == 0 ? 0 : 1;
        default:
            await Console.Error.WriteLineAsync($"Unknown verb {verb}: use migrate or audit, or none to serve.");
            return 2;
    }
}
catch (Exception failure) when (StartupChecks.Explain(failure) is { } sentence)
{
    return Refuse([sentence]);
}

static int Refuse(IEnumerable<string> faults)
{
    foreach (var fault in faults)
    {
        Console.Error.WriteLine($"Ledgerline does not start: {fault}");
    }

    return 1;
}
