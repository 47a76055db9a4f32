using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Tests.Specs;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Realtime;

/// <summary>A program that talks with a model through <c>/v1/realtime</c>; every event it gets fits OpenAI's schemas.</summary>
internal sealed class Talk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket socket = new();
    private readonly byte[] buffer = new byte[1024 * 1024];

    public List<JsonElement> Seen { get; } = [];

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    public static async Task<Talk> Open(V1Caller caller, Uri node, string query = "?model=gpt-realtime")
    {
        var talk = new Talk();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await talk.Connect(caller.Key, node, query));
        await talk.Until("session.created");
        return talk;
    }

    /// <summary>The status of an upgrade that is refused.</summary>
    public static async Task<HttpStatusCode> Refused(V1Caller caller, Uri node, string query = "?model=gpt-realtime")
    {
        await using var talk = new Talk();
        return await talk.Connect(caller.Key, node, query);
    }

    /// <summary>Phones' audio both ways, so that the sandbox's tones are short.</summary>
    public async Task Configure(string instructions = "Be kind.", string? transcribes = null)
    {
        await Send(new
        {
            type = "session.update",
            session = new
            {
                type = "realtime",
                instructions,
                audio = new
                {
                    input = new
                    {
                        format = new { type = "audio/pcmu" },
                        turn_detection = new { type = "server_vad", silence_duration_ms = 300, prefix_padding_ms = 200 },
                        transcription = transcribes is null ? null : new { model = transcribes },
                    },
                    output = new { format = new { type = "audio/pcmu" }, voice = "coral" },
                },
            },
        });
        await Until("session.updated");
    }

    /// <summary>The usage of one answer that was asked for.</summary>
    public async Task<JsonElement> Answer()
    {
        await Send(new { type = "response.create" });
        return (await Until("response.done")).GetProperty("response");
    }

    public Task Send(object message) => SendText(JsonSerializer.Serialize(message));

    public async Task SendText(string message)
    {
        using var patience = new CancellationTokenSource(Patience);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, patience.Token);
    }

    public async Task<JsonElement> Until(string type)
    {
        while (true)
        {
            var next = await Next() ?? throw new InvalidOperationException(
                $"The connection was closed ({socket.CloseStatus} {socket.CloseStatusDescription}) before {type} came; seen: {string.Join(", ", Seen.Select(TypeOf))}");
            Assert.False(TypeOf(next) == "error" && type != "error", $"Waiting for {type}: {next}");
            if (TypeOf(next) == type)
            {
                return next;
            }
        }
    }

    /// <summary>Reads to the end, whatever comes.</summary>
    public async Task End()
    {
        while (await Next() is not null)
        {
        }
    }

    public async Task HangUp()
    {
        using var patience = new CancellationTokenSource(Patience);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    /// <summary>Goes without a goodbye.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public static string TypeOf(JsonElement one) => one.GetProperty("type").GetString()!;

    /// <summary>The upgrade's status.</summary>
    public async Task<HttpStatusCode> Connect(string key, Uri node, string query)
    {
        socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(new Uri($"ws{node.ToString()["http".Length..].TrimEnd('/')}/v1/realtime{query}"), patience.Token);
        }
        catch (WebSocketException)
        {
        }

        return socket.HttpStatusCode;
    }

    private async Task<JsonElement?> Next()
    {
        using var patience = new CancellationTokenSource(Patience);
        if (await socket.ReceiveJson(buffer, patience.Token) is not { } next)
        {
            return null;
        }

        Assert.Null(await RealtimeEvents.CheckServer(next.GetRawText()));
        Seen.Add(next);
        return next;
    }
}

/// <summary>What stands in the books of conversations.</summary>
internal static class TalkBooks
{
    /// <summary>Charged answers, the first one first.</summary>
    public static Task<IReadOnlyList<UsedRow>> Talked(this TestWorld world) => world.Database.Read(session => session.List<UsedRow>(
        "SELECT credits_micro, cost_micro_usd, input_tokens, cached_tokens, output_tokens, basis, reason, metadata FROM usage_records WHERE action = 'realtime' ORDER BY created_at, id"));

    public static Task<long> OpenHolds(this TestWorld world) => world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM holds WHERE status = 'open'"));

    public static Task NothingHeld(this TestWorld world) => TestWorld.Until(async () => await world.OpenHolds() == 0, "nothing is held");

    public static async Task<IReadOnlyList<JsonElement>> ModelSessions(this TestWorld world) => [.. (await world.Control("/_sandbox/openai/realtime/sessions")).EnumerateArray()];
}

internal sealed class UsedRow
{
    public long CreditsMicro { get; init; }
    public long CostMicroUsd { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }
    public required string Basis { get; init; }
    public required string Reason { get; init; }
    public required string Metadata { get; init; }
}
