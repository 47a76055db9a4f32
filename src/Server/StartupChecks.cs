using System.Data.Common;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline;

/// <summary>What stops a start: settings that are missing, unreadable or half there. At start, not at the first customer.</summary>
internal static class StartupChecks
{
    /// <summary>One sentence for each fault.</summary>
    public static IReadOnlyList<string> Faults(IServiceProvider services)
    {
        var settings = services.GetRequiredService<IConfiguration>();
        var environment = services.GetRequiredService<IHostEnvironment>();
        List<string> faults = [];
        if (environment.IsProduction())
        {
            if (Missing(settings, "SECRET_KEY") && Missing(settings, "JWT_SECRET"))
            {
                faults.Add("SECRET_KEY must be set in production: at least 32 random characters.");
            }

            if (Missing(settings, "DATABASE_URL"))
            {
                faults.Add("DATABASE_URL must be set in production: postgres://… or sqlite:/path/to/file.");
            }
        }

        foreach (var read in Readable(settings, environment))
        {
            Try(read, faults);
        }

        foreach (var rule in services.GetServices<StartupRule>())
        {
            Try(() => faults.AddRange(rule.Faults()), faults);
        }

        return faults;
    }

    /// <summary>The sentence for what may go wrong around a start through no fault of ours; null for anything else, which is a bug.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        FormatException => failure.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => $"{failure.Message} Set PORT to a free one.",
        DbException => "the database of DATABASE_URL cannot be reached or used: " + FirstLine(failure.Message),
        InvalidOperationException when failure.Message.StartsWith("Migration ", StringComparison.Ordinal) => failure.Message,
        _ => null,
    };

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd('.') + ".";

    // Settings that are otherwise read when they are first needed.
    private static IEnumerable<Action> Readable(IConfiguration settings, IHostEnvironment environment)
    {
        yield return () => _ = new AllowedOrigins(settings);
        yield return () => PublicUrl.Read(settings, environment);
        yield return () => TrustedProxies.Read(settings);
        yield return () => Drain.Longest(settings);
        yield return () => Logging.Level(settings);
        yield return () => TelemetryExport.Address(settings);
        yield return () => new RateLimitOptions(settings, environment).Check();
    }

    private static void Try(Action read, List<string> faults)
    {
        try
        {
            read();
        }
        catch (FormatException fault)
        {
            faults.Add(fault.Message);
        }
    }

    private static bool Missing(IConfiguration settings, string name) => string.IsNullOrWhiteSpace(settings[name]);
}
