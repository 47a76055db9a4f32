using System.Data.Common;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Nodes;

namespace Ledgerline;

/// <summary>What stops a start: settings that are missing, unreadable or half there. At start, not at the first customer.</summary>
internal static class StartupChecks
{
    /// <summary>Before anything is registered: everything that the settings alone tell.</summary>
    /// <exception cref="RefusedStart">Something must be corrected first.</exception>
    public static void Check(IConfiguration settings, IHostEnvironment environment)
    {
        List<string> faults = [];
        if (environment.IsProduction())
        {
            if (Missing(settings, "SECRET_KEY") && Missing(settings, "JWT_SECRET"))
            {
                faults.Add("SECRET_KEY is not set: give a long random text, the same on every node, and keep it.");
            }

            if (Missing(settings, "DATABASE_URL") && Missing(settings, "TURSO_DB_URL"))
            {
                faults.Add("DATABASE_URL is not set: give postgres://user:password@host/database, libsql://database.turso.io, or sqlite:/path/to/file.");
            }
        }

        foreach (var read in Readable(settings, environment))
        {
            Try(read, faults);
        }

        if (faults.Count > 0)
        {
            throw new RefusedStart(faults);
        }
    }

    /// <summary>After everything is registered: what the capabilities object to in their settings.</summary>
    public static IReadOnlyList<string> Faults(IServiceProvider services)
    {
        List<string> faults = [];
        foreach (var rule in services.GetServices<StartupRule>())
        {
            Try(() => faults.AddRange(rule.Faults()), faults);
        }

        return faults;
    }

    /// <summary>A sentence for each thing that may go wrong around a start; null for anything else, which is a bug.</summary>
    public static IReadOnlyList<string>? Explain(Exception failure) => failure switch
    {
        RefusedStart refused => refused.Faults,
        FormatException or InvalidOperationException => [failure.Message],
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => [$"{failure.Message} Set PORT to a free one."],
        DbException => [$"the database of DATABASE_URL cannot be used: {failure.Message.Split('\n')[0].TrimEnd('.')}."],
        _ => null,
    };

    // Settings that are otherwise read when they are first needed.
    private static IEnumerable<Action> Readable(IConfiguration settings, IHostEnvironment environment)
    {
        yield return () => Listener.Address(settings, environment);
        yield return () => _ = new AllowedOrigins(settings);
        yield return () => PublicUrl.Read(settings, environment);
        yield return () => TrustedProxies.Read(settings);
        yield return () => Drain.Longest(settings);
        yield return () => Logging.Level(settings);
        yield return () => TelemetryExport.Address(settings);
        yield return () => new RateLimitOptions(settings, environment).Check();
        yield return () => _ = new RedisOptions(settings);
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
