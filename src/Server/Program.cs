using Ledgerline;

var words = args.Where(arg => !arg.StartsWith('-')).ToArray();
try
{
    await using var app = ServerApp.Build(args);
    if (StartupChecks.Faults(app.Services) is { Count: > 0 } faults)
    {
        throw new RefusedStart(faults);
    }

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
catch (Exception failure) when (StartupChecks.Explain(failure) is { } sentences)
{
    foreach (var sentence in sentences)
    {
        Console.Error.WriteLine($"Ledgerline does not start: {sentence}");
    }

    return 1;
}
