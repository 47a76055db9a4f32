using Ledgerline;

var words = args.Where(arg => !arg.StartsWith('-')).ToArray();
try
{
    await using var app = ServerApp.Build(args);
    if (words.Length > 0)
    {
        var (code, lines) = await Verbs.Run(app, words);
        Console.WriteLine(string.Join('\n', lines));
        return code;
    }

    await app.BringUpToDate();
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartupChecks.Explain(failure) is { } faults)
{
    foreach (var fault in faults)
    {
        Console.Error.WriteLine($"Ledgerline does not start: {fault}");
    }

    return 1;
}
