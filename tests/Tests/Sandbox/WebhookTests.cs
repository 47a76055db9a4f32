using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sandbox.Core;
using Xunit;

namespace Tests.Sandbox;

public sealed class WebhookTests
{
    private static readonly string[] Three = ["evt_1", "evt_2", "evt_3"];

    [Fact]
    public async Task TheBodyArrivesByteForByteSignedAtTheMomentItIsSent()
    {
        await using var world = await World.Start();
        const string body = """{"text":"Zürich  \u00fc","n":1.0}""";
        await world.Modes(new { hold = true });
        world.Send("evt_1", body);
        world.Sandbox.Clock.Advance(TimeSpan.FromDays(3));
        var released = world.Sandbox.Clock.GetUtcNow();
        await world.Modes(new { hold = false });

        await world.Arrived(1);
        var got = world.Got.Single();
        Assert.Equal(body, got.Body);
        Assert.Equal("application/json; charset=utf-8", got.ContentType);
        Assert.InRange(DateTimeOffset.Parse(got.Signature, CultureInfo.InvariantCulture), released.AddSeconds(-1), released.AddSeconds(20));
    }

    [Fact]
    public async Task WhatWasRefusedComesAgainWhenTheClockMoves()
    {
        await using var world = await World.Start();
        world.Answers = new([500, 503, 302]);
        world.Send("evt_1");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await world.Attempted("evt_1", attempt);
            // The retry that waits now was armed right after the attempt was written down.
            await SandboxHost.Until(() => world.Sandbox.Clock.ArmedTimers > 0, "the next retry to be set");
            world.Sandbox.Clock.Advance(TimeSpan.FromDays(1));
        }

        await world.Attempted("evt_1", 4);
        var delivery = (await world.Sandbox.Get("/_sandbox/webhooks?provider=mail"))[0];
        Assert.Equal("delivered", delivery.GetProperty("state").GetString());
        Assert.Equal([500, 503, 302, 200], delivery.GetProperty("attempts").EnumerateArray().Select(one => one.GetProperty("status").GetInt32()));
        Assert.Equal(4, world.Got.Select(got => got.Signature).Distinct().Count());
    }

    [Fact]
    public async Task AnEndlessRefusalIsGivenUp()
    {
        await using var world = await World.Start();
        world.Answers = new(Enumerable.Repeat(500, 100));
        world.Send("evt_1");
        await SandboxHost.Until(() =>
        {
            world.Sandbox.Clock.Advance(TimeSpan.FromDays(1));
            return world.Webhooks.List()[0].State == "given_up";
        }, "the sender to give up");
        Assert.Equal(10, world.Webhooks.List()[0].Attempts.Count);
    }

    [Fact]
    public async Task EventsComeInOrderUnlessToldOtherwise()
    {
        await using var world = await World.Start();
        world.Send(Three);
        await world.Arrived(3);
        Assert.Equal(Three, world.Got.Select(got => got.Id));
    }

    [Fact]
    public async Task ReorderSendsTheNewestFirst()
    {
        await using var world = await World.Start();
        await world.Modes(new { reorder = true });
        world.Send(Three);
        await world.Arrived(3);
        Assert.Equal(["evt_3", "evt_2", "evt_1"], world.Got.Select(got => got.Id));
    }

    [Fact]
    public async Task DuplicatesArriveTogether()
    {
        await using var world = await World.Start();
        world.Gate = new Barrier(3);
        await world.Modes(new { duplicate = 2 });
        world.Send("evt_1");
        // The receiver answers none of the three before all of them are there.
        await world.Arrived(3);
        Assert.All(world.Got, got => Assert.Equal("evt_1", got.Id));
    }

    [Fact]
    public async Task ADelayFollowsTheClock()
    {
        await using var world = await World.Start();
        await world.Modes(new { delay_ms = 3_600_000 });
        world.Send("evt_late");
        await world.Modes(new { });
        world.Send("evt_soon");
        await world.Arrived(1);
        Assert.Equal("evt_soon", world.Got.Single().Id);
        world.Sandbox.Clock.Advance(TimeSpan.FromHours(1));
        await world.Arrived(2);
    }

    [Fact]
    public async Task AnEventCanBeSentAgainAndOneThatIsNotThereCannot()
    {
        await using var world = await World.Start();
        world.Send("evt_1");
        await world.Arrived(1);
        await world.Sandbox.Post("/_sandbox/mail/events/evt_1/resend");
        await world.Arrived(2);
        using var missing = await world.Sandbox.Http.PostAsync("/_sandbox/mail/events/evt_0/resend", null);
        Assert.Equal(404, (int)missing.StatusCode);
        using var wrong = await world.Sandbox.Http.PostAsync("/_sandbox/mail/webhooks", new StringContent("""{"dulpicate":1}"""));
        Assert.Equal(400, (int)wrong.StatusCode);
    }

    private sealed record Delivery(string Id, string Body, string? ContentType, string Signature);

    private sealed class World : IAsyncDisposable
    {
        private readonly WebApplication receiver;

        private World(SandboxHost sandbox, WebApplication receiver) => (Sandbox, this.receiver) = (sandbox, receiver);

        public SandboxHost Sandbox { get; }
        public ConcurrentQueue<Delivery> Got { get; } = new();
        public ConcurrentQueue<int> Answers { get; set; } = new();
        public Barrier? Gate { get; set; }
        public WebhookSender Webhooks => Sandbox.Service<WebhookSender>();

        public static async Task<World> Start()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var receiver = builder.Build();
            var world = new World(await SandboxHost.Start(), receiver);
            receiver.MapPost("/hook", (Delegate)world.Take);
            await receiver.StartAsync();
            return world;
        }

        public Task<JsonElement> Modes(object modes) => Sandbox.Post("/_sandbox/mail/webhooks", modes);

        public void Send(params string[] ids)
        {
            foreach (var id in ids)
            {
                Send(id, $$"""{"id":"{{id}}"}""");
            }
        }

        public void Send(string id, string body) => Webhooks.Enqueue("mail", id, new Uri(receiver.Urls.First() + "/hook"), body, (now, signed) =>
        {
            Assert.Equal(body, signed);
            return new Dictionary<string, string> { ["x-event"] = id, ["x-signature"] = now.ToString("O", CultureInfo.InvariantCulture) };
        });

        public Task Arrived(int count) => SandboxHost.Until(() => Got.Count >= count, $"{count} deliveries");

        public Task Attempted(string id, int count) =>
            SandboxHost.Until(() => Webhooks.List().Single(one => one.EventId == id).Attempts.Count >= count, $"attempt {count}");

        public async ValueTask DisposeAsync()
        {
            await Sandbox.DisposeAsync();
            await receiver.DisposeAsync();
            Gate?.Dispose();
        }

        private async Task<IResult> Take(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var headers = context.Request.Headers;
            Got.Enqueue(new Delivery(headers["x-event"].ToString(), body, context.Request.ContentType, headers["x-signature"].ToString()));
            if (Gate is { } gate)
            {
                await Task.Run(() => gate.SignalAndWait(TimeSpan.FromSeconds(15)));
            }

            return Results.StatusCode(Answers.TryDequeue(out var status) ? status : 200);
        }
    }
}
