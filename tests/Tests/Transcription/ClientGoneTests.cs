using System.Net.Sockets;
using System.Text;
using Ledgerline.Gateway;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Gemini;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Transcription;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;
using Ledgerline.Wallet;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>A client that hangs up: what was not begun costs nothing, what was begun is finished, charged and recorded.</summary>
public sealed class ClientGoneTests
{
    [Theory, EveryDatabase]
    public async Task Who_goes_while_the_provider_works_pays_for_the_work(string engine)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("""{"text":"Nobody hears this.","duration":31.0}""");
        });
        await using var world = await TestWorld.Start(engine, new(provider.Settings!));
        var customer = await Customer.New(world, credits: 10);
        using var hangUp = new CancellationTokenSource();
        var upload = customer.Transcribe(Recordings.Wav(31), key: "later", stop: hangUp.Token);
        await provider.WasAsked();
        Assert.Equal((7, 0), await customer.Wallet());

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        await ServerNoticed(world);
        answer.SetResult();

        await TestWorld.Until(async () => (await customer.Usage()).Count == 1, "the work was recorded");
        Assert.Equal("client_gone", (await customer.Usage())[0].Reason);
        Assert.Equal((7, 0), await customer.Wallet());
        Assert.Equal(["captured"], await customer.Holds());

        // What was paid for can be fetched.
        await TestWorld.Until(async () => (await customer.Transcribe(Recordings.Wav(31), key: "later")).Status == 200, "the first answer can be had again");
        var again = await customer.Transcribe(Recordings.Wav(31), key: "later");
        Assert.Equal("""{"text":"Nobody hears this.","duration_seconds":31.0,"credits_used":3,"credits_remaining":7}""", again.Text);
        Assert.True(again.Replayed);
        Assert.Equal(1, provider.Asked);
    }

    [Theory, EveryDatabase]
    public async Task Who_goes_before_a_failure_gets_everything_back(string engine)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            context.Response.StatusCode = 500;
        });
        await using var world = await TestWorld.Start(engine, new(provider.Settings!));
        var customer = await Customer.New(world, credits: 10);
        using var hangUp = new CancellationTokenSource();
        var upload = customer.Transcribe(Recordings.Wav(31), stop: hangUp.Token);
        await provider.WasAsked();

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        await ServerNoticed(world);
        answer.SetResult();

        await TestWorld.Until(async () => (await customer.Holds()).SequenceEqual(["released"]), "the hold went back");
        await customer.AssertUntouched(10);
    }

    [Fact]
    public async Task Who_goes_and_whose_provider_never_answers_gets_everything_back_after_55_seconds()
    {
        await using var provider = await StandInProvider.Start(StandInProvider.Silence);
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var customer = await Customer.New(world, credits: 10);
        using var hangUp = new CancellationTokenSource();
        var upload = customer.Transcribe(Recordings.Wav(31), stop: hangUp.Token);
        await provider.WasAsked();
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        await ServerNoticed(world);

        world.Clock.Advance(TimeSpan.FromSeconds(56));

        await TestWorld.Until(async () => (await customer.Holds()).SequenceEqual(["released"]), "the hold went back");
        await customer.AssertUntouched(10);
    }

    [Theory]
    [InlineData("before the file", 0)]
    [InlineData("within the file", 4000)]
    public async Task Who_goes_during_the_upload_leaves_nothing_behind(string moment, int bytes)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);
        using var head = customer.Request(HttpMethod.Post, "/api/transcribe");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/transcribe HTTP/1.1\r\nHost: {world.Client.BaseAddress.Authority}\r\nAuthorization: {head.Headers.Authorization}\r\n"
                + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
                + (bytes == 0 ? "" : "--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\n" + new string('x', bytes))));
        }

        // The request's own line in the log says that the server has finished with it.
        await TestWorld.Until(() => Task.FromResult(world.Logs.All.Any(line => line.Contains("POST /api/transcribe answered", StringComparison.Ordinal))), $"the server gave up {moment}");
        await customer.AssertUntouched(10);
        Assert.Empty(await customer.Holds());
        Assert.DoesNotContain(world.Logs.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory, EveryDatabase]
    public async Task Who_goes_between_hold_and_provider_gets_the_hold_back(string engine)
    {
        // The client hangs up at the very moment at which the hold becomes true: only then is there something to give back.
        using var hangUp = new CancellationTokenSource();
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        using var services = new ServiceCollection().AddSingleton(new HangUp(hangUp)).BuildServiceProvider();
        var listeners = new Listeners();
        listeners.On<BalanceChanged>().Within<HangUpWhenHeld>();
        var clock = new SandboxClock();
        var ids = new Ledgerline.Kernel.Ids(clock);
        using var signal = new JobSignal();
        var ledger = new Ledger(database, new Outbox(listeners, signal, services, clock), ids, clock);
        var account = new AccountId(Guid.NewGuid());
        await ledger.Grant(new GrantOrder(account, Unit.Credit, "purchase", "good", Credits.Whole(10), "test"));
        // What expires meanwhile makes the hold a change of the balance, and so something to listen to.
        await ledger.Grant(new GrantOrder(account, Unit.Credit, "purchase", "short", Credits.Whole(1), "test", ExpiresAt: clock.GetUtcNow().AddHours(1)));
        clock.Advance(TimeSpan.FromHours(2));
        services.GetRequiredService<HangUp>().Armed = true;

        using var nobody = new HttpClient(new Unreachable());
        var models = new ModelCatalog("whisper-1");
        var meter = new Meter(ledger, PriceBook.Default(), new Bookkeeping(clock, NullLogger<Bookkeeping>.Instance), ids, clock);
        var audio = new OpenAiAudio(nobody, new OpenAiOptions("sk-test", "http://nobody", "whisper-1"), clock);
        var openAi = new OpenAiOptions("sk-test", "http://nobody", "whisper-1");
        var sockets = new OpenAiSocket(openAi, clock);
        var gateway = new ModelGateway(
            audio, new OpenAiChat(nobody, new OpenAiOptions("sk-test", "http://nobody", "whisper-1"), clock),
            new GeminiChat(nobody, new GeminiOptions("key", "http://nobody", "gemini-2.5-flash"), ids, clock),
            new OpenAiRealtime(openAi, sockets, clock, NullLogger<OpenAiRealtime>.Instance), models, sockets);
        var options = new UploadOptions(1_000_000, Path.GetTempPath(), TimeSpan.FromMinutes(10));
        var paid = new PaidTranscription(new PaidAudio(meter, options, ids, NullLogger<PaidAudio>.Instance), gateway, models, new ServiceUsage(database, null!, null!, ids, clock));
        using var form = Customer.Form(Recordings.Wav(31));
        var context = new DefaultHttpContext();
        context.Request.ContentType = form.Headers.ContentType!.ToString();
        context.Request.Body = await form.ReadAsStreamAsync();
        await using var upload = await Upload.Read(context, new UploadStore(options, new UploadMemory(), ids), Transcribe.Field, hash: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => paid.Run(account, upload, null, (_, _) => Task.CompletedTask, hangUp.Token));

        Assert.Equal(["released"], await database.Read(session => session.List<string>("SELECT status FROM holds")));
        Assert.Equal(10, (await ledger.Balance(account, Unit.Credit)).Available.Floor);
        Assert.Empty(await new LedgerAudit(database).Run());
    }

    [Fact]
    public async Task A_shutdown_finishes_what_runs()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("""{"text":"Just in time.","duration":1}""");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var (stays, goes) = (await Customer.New(world, credits: 10), await Customer.New(world, credits: 10));
        using var hangUp = new CancellationTokenSource();
        var kept = stays.Transcribe(Recordings.Wav(1));
        var dropped = goes.Transcribe(Recordings.Wav(1), stop: hangUp.Token);
        await provider.WasAsked(2);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dropped);

        var stopping = world.StopFirstNode();
        Assert.False(stopping.IsCompleted);
        answer.SetResult();

        Assert.Equal(200, (await kept).Status);
        await stopping;
        Assert.Equal((9, 0), await stays.Wallet());
        Assert.Equal((9, 0), await goes.Wallet());
    }

    private static Task ServerNoticed(TestWorld world) => TestWorld.Until(
        () => Task.FromResult(world.Logs.All.Any(line => line.Contains("has gone", StringComparison.Ordinal))), "the server noticed that the client has gone");

    private sealed class HangUp(CancellationTokenSource source)
    {
        public bool Armed { get; set; }

        public void Now()
        {
            if (Armed)
            {
                source.Cancel();
            }
        }
    }

    private sealed class HangUpWhenHeld(HangUp hangUp) : IWithin<BalanceChanged>
    {
        public Task Happen(Transaction transaction, IReadOnlyList<BalanceChanged> news, CancellationToken stop)
        {
            hangUp.Now();
            return Task.CompletedTask;
        }
    }

    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The provider must not be asked.");
    }
}
