using System.Text;
using Ledgerline;
using Microsoft.Extensions.Logging.Console;

var isVerb = Verbs.Words(args).Length > 0;
try
{
    // What a verb prints is for other programs too, so the log keeps out of it.
    await using var app = ServerApp.Build(args, builder => builder.Services.Configure<ConsoleLoggerOptions>(
        console => console.LogToStandardErrorThreshold = isVerb ? LogLevel.Trace : LogLevel.None));
    if (StartupChecks.Faults(app.Services) is { Count: > 0 } faults)
    {
        throw new RefusedStart(faults);
    }

    if (isVerb)
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 16);
        var (code, lines) = await Verbs.Run(app, args, output);
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }

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
