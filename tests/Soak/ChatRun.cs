using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Sandbox.Core;

namespace Soak;

/// <summary>
/// People chat with two nodes of which one after the other is killed without warning and started again. Whoever gets no answer asks again
/// under the same key. Then <see cref="ChatLook"/> holds what was acknowledged against the database.
/// </summary>
/// <param name="say">Where the story is told.</param>
public sealed class ChatRun(string databaseUrl, int seed, Action<string> say)
{
    private const int Nodes = 2;

    /// <summary>Of so many people one has few messages a day, one pays with credits, and the others have Pro.</summary>
    private const int Kinds = 4;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly NodeProcess[] nodes = new NodeProcess[Nodes];
    private readonly ConcurrentQueue<Accepted> accepted = [];
    private readonly ConcurrentQueue<string> refused = [];
    private readonly ConcurrentQueue<string> wrong = [];
    private readonly Random random = new(seed);
    private int unanswered;
    private volatile int allowed;

    /// <summary>How many messages were acknowledged.</summary>
    public int Acknowledged => accepted.Count;

    /// <summary>What is wrong, a sentence each.</summary>
    /// <param name="messages">So many are acknowledged at least.</param>
    /// <param name="kills">Spread over the run.</param>
    public async Task<IReadOnlyList<string>> Run(int messages, int kills, int people = 8, int roomsEach = 5)
    {
        say($"SOAK_SEED={seed}");
        var limit = Math.Max(1, messages / people / 2);
        var sandbox = SandboxApp.Build(new SandboxOptions());
        await sandbox.StartAsync();
        try
        {
            Dictionary<string, string> settings = new()
            {
                ["ENABLE_RATE_LIMITING"] = "false",
                ["PASSWORD_ITERATIONS"] = "1000",
                ["STRIPE_SYNC_CATALOGUE"] = "false",
                ["CHAT_DAILY_LIMIT"] = $"{limit}",
            };
            Task<NodeProcess> Start() => NodeProcess.Start(databaseUrl, SandboxApp.AddressOf(sandbox), settings);
            nodes[0] = await Start();
            nodes[1] = await Start();
            var rooms = await MakeRooms(people, roomsEach);
            var began = TimeProvider.System.GetTimestamp();
            var sending = rooms.Select(room => Task.Run(() => Send(room, messages))).ToList();
            await Kill(kills, messages, Start, Task.WhenAll(sending));
            await Task.WhenAll(sending);
            say($"{kills} kills: {accepted.Count} messages were acknowledged in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s, {unanswered} requests had no answer, {refused.Count} were refused.");
            await using var database = Database.Open(databaseUrl);
            await new ChatLook(database, limit, [.. accepted], [.. refused], wrong.Enqueue).Run(LongestWait);
            say($"All were answered after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s.");
            await Audit(database);
        }
        finally
        {
            foreach (var node in nodes.Where(node => node is not null))
            {
                await node.DisposeAsync();
            }

            await sandbox.DisposeAsync();
        }

        say($"{wrong.Count} things are wrong.");
        foreach (var line in wrong.Take(20))
        {
            say(line);
        }

        return [.. wrong];
    }

    // The next one is killed as soon as the last one is back and enough was acknowledged.
    private async Task Kill(int kills, int messages, Func<Task<NodeProcess>> start, Task sent)
    {
        for (var kill = 1; kill <= kills; kill++)
        {
            // While one is away the other has work, and the next one dies in the middle of it.
            allowed = (int)((long)messages * kill / (kills + 1));
            var due = allowed - random.Next(Math.Max(1, messages / (kills + 1) / 2));
            while (accepted.Count < due && !sent.IsCompleted)
            {
                await Task.WhenAny(sent, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
            }

            var victim = kill % Nodes;
            await nodes[victim].Kill();
            say($"killed node {victim + 1} after {accepted.Count}");
            nodes[victim] = await start();
        }

        allowed = int.MaxValue;
    }

    private async Task Send(Room room, int messages)
    {
        var hand = new Random(HashCode.Combine(seed, room.Id));
        for (var number = 1; accepted.Count < messages; number++)
        {
            while (accepted.Count >= allowed)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }

            var content = string.Create(CultureInfo.InvariantCulture, $"message {number} of room {room.Id}");
            var (status, body) = await Insist(room, content, hand);
            if (status == HttpStatusCode.OK)
            {
                accepted.Enqueue(new Accepted(room, body.GetProperty("message_id").GetInt64(), content));
                continue;
            }

            refused.Enqueue(content);
            if (status != HttpStatusCode.TooManyRequests)
            {
                wrong.Enqueue($"{content} was answered with {(int)status}: {body}");
                return;
            }

            if (room.Kind == RoomKind.Limited && body.GetProperty("detail").GetString()!.StartsWith("Daily", StringComparison.Ordinal) && number % 10 == 0)
            {
                // It was said often enough.
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    // Until there is an answer, from whichever node.
    private async Task<(HttpStatusCode Status, JsonElement Body)> Insist(Room room, string content, Random hand)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{room.Id}-{content.GetHashCode(StringComparison.Ordinal)}-{hand.Next()}");
        for (var asked = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(asked) < LongestWait;)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/chatroom/{room.Id}/message"))
                {
                    Content = JsonContent.Create(new { content }),
                };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", room.Token);
                request.Headers.Add("Idempotency-Key", key);
                using var answer = await nodes[hand.Next(Nodes)].Client.SendAsync(request);
                var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
                if (answer.StatusCode != HttpStatusCode.Conflict)
                {
                    return (answer.StatusCode, body);
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                Interlocked.Increment(ref unanswered);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        throw new TimeoutException($"Nobody answers to {content}.");
    }

    private async Task<IReadOnlyList<Room>> MakeRooms(int people, int roomsEach)
    {
        await using var database = Database.Open(databaseUrl);
        List<Room> rooms = [];
        for (var person = 0; person < people; person++)
        {
            var kind = (person % Kinds) switch { 0 => RoomKind.Limited, 1 => RoomKind.Credits, _ => RoomKind.Unlimited };
            var (token, account) = await SignIn(database, string.Create(CultureInfo.InvariantCulture, $"+1555{seed % 1000:000}{person:0000}"));
            await (kind switch
            {
                RoomKind.Credits => Ledger(database, TimeProvider.System).Grant(
                    new GrantOrder(AccountId.Parse(account), Unit.Credit, "purchase", $"soak {account}", Credits.Whole(10_000_000), "soak")),
                RoomKind.Unlimited => GivePro(database, account),
                _ => Task.CompletedTask,
            });
            for (var room = 0; room < roomsEach; room++)
            {
                var made = await Ask(HttpMethod.Post, "/chatroom/", token, new { name = $"Room {room}", pays = kind == RoomKind.Credits ? "credits" : "allowance" });
                rooms.Add(new Room(account, made.GetProperty("id").GetInt64(), token, kind));
            }
        }

        return rooms;
    }

    private async Task<(string Token, string Account)> SignIn(Database database, string number)
    {
        await Ask(HttpMethod.Post, "/auth/signup", null, new { mobile_number = number });
        var code = (await Ask(HttpMethod.Post, "/auth/send-otp", null, new { mobile_number = number })).GetProperty("otp").GetString();
        var token = (await Ask(HttpMethod.Post, "/auth/verify-otp", null, new { mobile_number = number, otp = code })).GetProperty("access_token").GetString()!;
        var id = (await Ask(HttpMethod.Get, "/user/me", token, null)).GetProperty("id").GetInt64();
        return (token, await database.Read(session => session.One<string>("SELECT account_id FROM accounts WHERE number = @id", new { id })));
    }

    // As a store's news would.
    private static Task GivePro(Database database, string account) => database.Write(transaction => transaction.Execute(
        """
        INSERT INTO entitlements (account_id, product, plan_id, plan_version, source, source_id, status, period_start, period_end, cancel_at_period_end, updated_at)
        VALUES (@account, 'chat_pro', 'chat_pro', 1, 'app_store', 'sub_soak', 'active', @now, @end, @no, @now)
        """,
        new { account, now = TimeProvider.System.GetUtcNow(), end = TimeProvider.System.GetUtcNow().AddDays(30), no = false }));

    private async Task<JsonElement> Ask(HttpMethod method, string path, string? token, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await nodes[0].Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    // What a node held for a message that it never came to accept goes back after an hour: it is that hour now.
    private async Task Audit(Database database)
    {
        var later = new Later();
        await Ledger(database, later).Sweep();
        if (await new LedgerAudit(database).OpenHolds() is > 0 and var open)
        {
            wrong.Enqueue($"{open} holds are open for ever.");
        }

        using var audit = System.Diagnostics.Process.Start(NodeProcess.Dotnet(
            Path.Combine(AppContext.BaseDirectory, "ledgerline.dll"), new() { ["DATABASE_URL"] = databaseUrl, ["ASPNETCORE_ENVIRONMENT"] = "Development" }, "audit"))!;
        var errors = audit.StandardError.ReadToEndAsync();
        var lines = await audit.StandardOutput.ReadToEndAsync();
        await audit.WaitForExitAsync();
        if (audit.ExitCode != 0)
        {
            wrong.Enqueue($"The audit says {audit.ExitCode}: {lines}{await errors}");
        }
    }

    private static Ledger Ledger(Database database, TimeProvider clock) =>
        new(database, new Outbox(new Listeners(), new JobSignal(), new ServiceCollection().BuildServiceProvider(), clock), new Ids(clock), clock);

    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromHours(2);
    }
}

/// <summary>What a room's messages are paid with.</summary>
internal enum RoomKind
{
    Limited,
    Unlimited,
    Credits,
}

internal sealed record Room(string Account, long Id, string Token, RoomKind Kind);

/// <summary>A message that got 200.</summary>
internal sealed record Accepted(Room Room, long Id, string Content);
