using System.Data.Common;
using System.Diagnostics;
using Ledgerline.Http;
using Ledgerline.Jobs;
using Ledgerline.Nodes;
using Ledgerline.Realtime;
using Ledgerline.Usage;
using Ledgerline.Wallet;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ledgerline;

/// <summary>Sends traces and measurements by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; without it nothing of this runs.</summary>
internal sealed class TelemetryExport(IConfiguration settings, StreamHub streams, JobQueue jobs, LedgerAudit ledger, Bookkeeping books, RedisLink redis, TimeProvider clock) : BackgroundService
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int HttpPort = 4318;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly System.Diagnostics.Metrics.Meter meter = new(Telemetry.Name);
    private TracerProvider? traces;
    private MeterProvider? measurements;
    private long jobsWaiting;
    private long holdsOpen;

    /// <exception cref="FormatException">The setting is no address.</exception>
    public static Uri? Address(IConfiguration settings) =>
        settings[Endpoint]?.Trim() is not { Length: > 0 } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new FormatException($"{Endpoint} must be an address such as http://localhost:4317.");

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        meter.CreateObservableGauge("ledgerline.streams.open", () => streams.Count, "{stream}", "Live event streams open on this node");
        meter.CreateObservableGauge("ledgerline.jobs.waiting", () => Interlocked.Read(ref jobsWaiting), "{job}", "Jobs that are due or running, of all nodes");
        meter.CreateObservableGauge("ledgerline.holds.open", () => Interlocked.Read(ref holdsOpen), "{hold}", "Reservations of credits that are not settled, of all nodes");
        meter.CreateObservableGauge("ledgerline.bookings.waiting", () => books.Waiting, "{booking}", "Ends of paid work that wait for the database on this node");
        if (redis.IsConfigured)
        {
            meter.CreateObservableGauge("ledgerline.redis.up", () => redis.IsThere ? 1 : 0, description: "1 while this node uses Redis, 0 while the database stands in for it");
            meter.CreateObservableCounter("ledgerline.redis.outages", () => redis.Outages, "{outage}", "How often Redis has gone from this node");
        }

        var service = ResourceBuilder.CreateDefault().AddService(settings["OTEL_SERVICE_NAME"] ?? "ledgerline", serviceVersion: ProductVersion.Text);
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(service)
            .AddSource(Telemetry.Name, "Microsoft.AspNetCore", "System.Net.Http", "Npgsql")
            .AddProcessor(new WithoutPaths())
            .AddOtlpExporter(exporter => Aim(exporter, "v1/traces"))
            .Build();
        measurements = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(service)
            .AddMeter(Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql")
            .AddOtlpExporter(exporter => Aim(exporter, "v1/metrics"))
            .Build();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        // Disposing sends what is still waiting.
        traces?.Dispose();
        measurements?.Dispose();
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                Interlocked.Exchange(ref jobsWaiting, await jobs.Waiting(stoppingToken));
                Interlocked.Exchange(ref holdsOpen, await ledger.OpenHolds(stoppingToken));
            }
            catch (DbException)
            {
                // The last values stand until the database answers again.
            }
        }
        while (await ticks.WaitForNextTickAsync(stoppingToken));
    }

    private void Aim(OtlpExporterOptions exporter, string path)
    {
        var address = Address(settings)!;
        var overHttp = settings["OTEL_EXPORTER_OTLP_PROTOCOL"]?.Trim() is { Length: > 0 } protocol ? protocol == "http/protobuf" : address.Port == HttpPort;
        exporter.Protocol = overHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // An address that is set here is taken as it is.
        exporter.Endpoint = overHttp ? new Uri($"{address.ToString().TrimEnd('/')}/{path}") : address;
    }

    // Paths and queries hold ids, phone numbers and codes; the route's template stays.
    private sealed class WithoutPaths : BaseProcessor<Activity>
    {
        private static readonly string[] Tags = ["url.path", "url.query", "url.full", "http.target", "http.url"];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in Tags)
            {
                if (data.GetTagItem(tag) is not null)
                {
                    data.SetTag(tag, null);
                }
            }
        }
    }
}

/// <summary>Registers the export where it is wanted.</summary>
internal static class TelemetryExportServices
{
    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]?.Trim() is { Length: > 0 })
        {
            // Else the framework's own spans carry no HTTP tags.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            builder.Services.AddHostedService<TelemetryExport>();
        }
    }
}
