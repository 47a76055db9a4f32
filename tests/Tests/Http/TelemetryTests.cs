using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Tests.Http;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Traces_and_measurements_reach_the_collector_without_paths()
    {
        await using var collector = await Collector.Start();
        await using (var server = await EdgeServer.Start(
            settings: new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" },
            map: app => app.MapGet("/call/{number}", (string number) => number)))
        {
            await server.Client.GetAsync("/call/+15550100canary?code=canary-code");
            // What is not sent yet is sent at the end.
        }

        Assert.Equal(["/v1/metrics", "/v1/traces"], collector.Received.Select(one => one.Path).Distinct().Order());
        var traces = collector.Text("/v1/traces");
        Assert.Contains("ledgerline", traces, StringComparison.Ordinal);
        Assert.Contains("/call/{number}", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", traces, StringComparison.Ordinal);
        var metrics = collector.Text("/v1/metrics");
        Assert.DoesNotContain("canary", metrics, StringComparison.Ordinal);
        Assert.All(["ledgerline.streams.open", "ledgerline.jobs.waiting", "ledgerline.holds.open", "http.server.request.duration"], name => Assert.Contains(name, metrics, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhooks_are_counted_by_provider_and_outcome()
    {
        var refused = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "ledgerline.webhook.events")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags.Contains(new("provider", "stripe")) && tags.Contains(new("outcome", "refused")))
            {
                Interlocked.Add(ref refused, count);
            }
        });
        listener.Start();
        await using var server = await EdgeServer.Start(settings: new() { ["STRIPE_WEBHOOK_SECRET"] = "whsec_test" });

        using var forged = new HttpRequestMessage(HttpMethod.Post, "/api/billing/webhook") { Content = new StringContent("{}"), Headers = { { "Stripe-Signature", "t=1,v1=00" } } };
        using var answer = await server.Client.SendAsync(forged);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        // Other tests may forge webhooks at the same time.
        Assert.True(Interlocked.Read(ref refused) >= 1);
    }

    /// <summary>Takes whatever comes by OTLP over HTTP.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentQueue<(string Path, byte[] Body)> Received { get; } = new();

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<Collector> Start()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                collector.Received.Enqueue((context.Request.Path, body.ToArray()));
            });
            await app.StartAsync();
            return collector;
        }

        // Names stand in the messages as plain text.
        public string Text(string path) => string.Join('\n', Received.Where(one => one.Path == path).Select(one => Encoding.Latin1.GetString(one.Body)));

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
