using System.Collections.Concurrent;
using Ledgerline.Ai;
using Ledgerline.Calls.Bridge;
using Ledgerline.Kernel;
using Ledgerline.Providers.OpenAi.Realtime;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;

namespace Tests.Calls.Bridge;

/// <summary>The product with a bridge between a fake phone and a fake model, and a door that takes the token <c>good</c>.</summary>
internal sealed class Line : IAsyncDisposable, IStreamDoor, ICallListener
{
    private int calls;

    /// <summary>Null: each stream is a call of its own.</summary>
    public long? CallId { get; set; }

    public TestWorld World { get; private set; } = null!;

    public FakeModel Model { get; private set; } = null!;

    public LiveCalls Live => World.Services.GetRequiredService<LiveCalls>();

    public TimeSpan Lasts { get; set; } = TimeSpan.FromMinutes(10);

    public bool TakesDtmf { get; set; }

    public VoiceOrder Order { get; set; } = new("coral", "You are a friendly assistant.") { Tools = [BridgeTools.EndCall] };

    public Func<string, string, CancellationToken, Task<string>> Tool { get; set; } = (_, _, _) => Task.FromResult("""{"status":"done"}""");

    public Func<SpokenLine, Task> OnSpoken { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<StreamStart> Starts { get; } = new();

    public ConcurrentQueue<SpokenLine> Lines { get; } = new();

    public ConcurrentQueue<VoiceUsage> Usage { get; } = new();

    public ConcurrentQueue<int> Ticks { get; } = new();

    public ConcurrentQueue<BridgeEnd> Ends { get; } = new();

    public ConcurrentQueue<string> HangUps { get; } = new();

    public ConcurrentQueue<string> Sentences { get; } = new();

    public ConcurrentQueue<string?> Handovers { get; } = new();

    public static async Task<Line> Start(Dictionary<string, string?>? settings = null)
    {
        var line = new Line { Model = await FakeModel.Start() };
        line.World = await TestWorld.Start(
            settings: new(settings ?? []) { ["OPENAI_BASE_URL"] = line.Model.Address, ["OPENAI_API_KEY"] = "sk-test" },
            adjust: builder => builder.Services.AddSingleton<IStreamDoor>(line));
        return line;
    }

    public Task<FakePhone> Call(string? token = "good", string path = "/media-stream") => FakePhone.Call(World.Client, token, path);

    /// <summary>A call whose agent has been asked for its greeting.</summary>
    public async Task<(FakePhone Phone, ModelSocket Model)> Talk()
    {
        var phone = await Call();
        var model = await Model.Session();
        await model.Next("conversation.item.create");
        await model.Next("response.create");
        return (phone, model);
    }

    /// <summary>The same, and the greeting was said and heard: one frame.</summary>
    public async Task<(FakePhone Phone, ModelSocket Model)> Greeted()
    {
        var (phone, model) = await Talk();
        await model.Begin("r0");
        await model.Say("r0", new byte[160]);
        await model.End("r0", "Hello.");
        await phone.NextMedia();
        await phone.Next("mark");
        await phone.Mark();
        await TestWorld.Until(() => Task.FromResult(Usage.Count == 1), "the greeting is over");
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the greeting was heard");
        return (phone, model);
    }

    /// <summary>Whatever the model said until now has been heard.</summary>
    public async Task Settled(ModelSocket model)
    {
        var before = Usage.Count;
        await model.Send(new { type = "conversation.item.input_audio_transcription.completed", item_id = "item_0", transcript = "", usage = new { type = "duration", seconds = 0 } });
        await TestWorld.Until(() => Task.FromResult(Usage.Count > before), "everything was heard");
    }

    /// <summary>Lets the beat come that follows this time.</summary>
    public async Task Pass(TimeSpan time)
    {
        var ticks = Ticks.Count;
        World.Clock.Advance(time);
        await TestWorld.Until(() => Task.FromResult(Ticks.Count > ticks || !Ends.IsEmpty), "a beat has come");
    }

    /// <summary>Waits until the call has ended, and says how.</summary>
    public async Task<BridgeEnd> End()
    {
        await TestWorld.Until(() => Task.FromResult(!Ends.IsEmpty), "the call has ended");
        await TestWorld.Until(() => Task.FromResult(Live.Count == 0), "no call is left");
        return Ends.Single();
    }

    public Task<BridgeOrder?> Admit(StreamStart start, CancellationToken stop)
    {
        Starts.Enqueue(start);
        return Task.FromResult(start.Token != "good" ? null : new BridgeOrder
        {
            CallId = CallId ?? Interlocked.Increment(ref calls),
            CallSid = start.CallSid,
            Account = new AccountId(Guid.Empty),
            IsOutbound = false,
            TakesDtmf = TakesDtmf,
            EndsAt = World.Clock.GetUtcNow() + Lasts,
            Greeting = "The call has been connected.",
            Open = (handover, token) =>
            {
                Handovers.Enqueue(handover);
                return World.Services.GetRequiredService<OpenAiRealtime>().Open(Order, token);
            },
            UseTool = (name, arguments, token) => Tool(name, arguments, token),
            SayAndHangUp = (sentence, _) =>
            {
                Sentences.Enqueue(sentence);
                return Task.CompletedTask;
            },
            HangUp = (reason, _) =>
            {
                HangUps.Enqueue(reason);
                return Task.CompletedTask;
            },
            Listener = this,
        });
    }

    public Task Spoken(SpokenLine line)
    {
        Lines.Enqueue(line);
        return OnSpoken(line);
    }

    public Task Used(VoiceUsage usage)
    {
        Usage.Enqueue(usage);
        return Task.CompletedTask;
    }

    public Task Tick(int secondsLeft)
    {
        Ticks.Enqueue(secondsLeft);
        return Task.CompletedTask;
    }

    public Task Ended(BridgeEnd end)
    {
        Ends.Enqueue(end);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var call in Live.Ids)
        {
            Live.End(call, BridgeEnd.Shutdown);
        }

        await TestWorld.Until(() => Task.FromResult(Live.Count == 0), "no call is left");
        await World.DisposeAsync();
        await Model.DisposeAsync();
    }
}
