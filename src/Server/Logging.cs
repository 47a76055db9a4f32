using Microsoft.Extensions.Logging.Console;

namespace Ledgerline;

/// <summary>What is logged and how: JSON lines in Production, one readable line each in Development. Setting <c>LOG_LEVEL</c>.</summary>
internal static class Logging
{
    private const string Default = "INFO";
    private const string Host = "Microsoft.Extensions.Hosting.Internal.Host";

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["TRACE"] = LogLevel.Trace,
        ["DEBUG"] = LogLevel.Debug,
        [Default] = LogLevel.Information,
        ["INFORMATION"] = LogLevel.Information,
        ["WARN"] = LogLevel.Warning,
        ["WARNING"] = LogLevel.Warning,
        ["ERROR"] = LogLevel.Error,
        ["CRITICAL"] = LogLevel.Critical,
        ["NONE"] = LogLevel.None,
    };

    /// <summary>Answers what to call once the server has started.</summary>
    public static Action AddLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        // Whether this is Development may be said later than here.
        builder.Logging.AddSimpleConsole().AddJsonConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
            console.FormatterName = builder.Environment.IsDevelopment() ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(line =>
        {
            line.SingleLine = true;
            line.TimestampFormat = "HH:mm:ss ";
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            // Scopes of the framework hold the request's path.
            json.IncludeScopes = false;
        });
        builder.Services.Configure<LoggerFilterOptions>(filter => filter.MinLevel = Level(builder.Configuration));
        // Below a warning the framework writes paths, queries and header values, at whatever level ours is.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // It logs nothing above that, and while it may log it makes a span and a scope for each request, which nobody reads.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);

        // The host logs a failed start with its stack, where a sentence says it better; afterwards its words count.
        var started = false;
        builder.Logging.AddFilter(Host, level => level >= LogLevel.Warning && Volatile.Read(ref started));
        return () => Volatile.Write(ref started, true);
    }

    /// <exception cref="FormatException">The setting is no level.</exception>
    public static LogLevel Level(IConfiguration settings) =>
        Levels.TryGetValue(settings["LOG_LEVEL"]?.Trim() is { Length: > 0 } text ? text : Default, out var level)
            ? level
            : throw new FormatException($"LOG_LEVEL must be one of {string.Join(", ", Levels.Keys)}.");
}
