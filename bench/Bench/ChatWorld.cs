using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ledgerline;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;

namespace Bench;

/// <summary>Somebody with Pro and a room.</summary>
internal sealed record Chatter(AccountId Account, string Token, long Room);

/// <summary>Many people who chat, made through the product's own doors.</summary>
internal static class ChatWorld
{
    public static async Task<IReadOnlyList<Chatter>> People(Uri server, string databaseUrl, int count)
    {
        using var client = new HttpClient { BaseAddress = server };
        var people = new Chatter[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, stop) =>
        {
            using var signed = await client.PostAsJsonAsync("/auth/register", new { email = $"{Guid.NewGuid():N}@example.com", password = "a password" }, stop);
            var token = (await Json(signed, stop)).GetProperty("access_token").GetString()!;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/chatroom/") { Content = JsonContent.Create(new { name = "Bench" }) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var made = await client.SendAsync(request, stop);
            people[i] = new Chatter(AccountOf(token), token, (await Json(made, stop)).GetProperty("id").GetInt64());
        });
        await MakePro(databaseUrl, people);
        return people;
    }

    /// <summary>A node that lets them post as fast as they can.</summary>
    public static Task<ServerProcess> Node(string databaseUrl, GeminiStub gemini, bool runsJobs) => ServerProcess.Start(databaseUrl, settings: new Dictionary<string, string>
    {
        ["GEMINI_API_KEY"] = "bench",
        ["GEMINI_API_URL"] = gemini.Address,
        ["CHAT_MAX_WAITING"] = "100000",
        ["RATELIMIT_EVERYTHING"] = "1000000",
        ["RATELIMIT_EVERYTHING_ANONYMOUS"] = "1000000",
        ["RATELIMIT_REGISTER"] = "0",
        ["PASSWORD_ITERATIONS"] = "1000",
        ["RUN_JOBS"] = runsJobs ? "true" : "false",
    });

    public static async Task Post(HttpClient client, Chatter one, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/chatroom/{one.Room}/message") { Content = JsonContent.Create(new { content }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", one.Token);
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until no message is without its answer.</summary>
    public static async Task Answered(Database database, TimeSpan patience)
    {
        var until = TimeProvider.System.GetUtcNow() + patience;
        while (await database.Read(session => session.One<long>("SELECT COALESCE(SUM(waiting), 0) FROM chat_accounts")) > 0)
        {
            if (TimeProvider.System.GetUtcNow() > until)
            {
                throw new TimeoutException("Messages are still without an answer.");
            }

            await Task.Delay(20);
        }
    }

    // As a store's news would.
    private static async Task MakePro(string databaseUrl, IEnumerable<Chatter> people)
    {
        await using var app = ServerApp.Build(
            ["--environment=Development", $"--DATABASE_URL={databaseUrl}", "--PORT=0", "--STRIPE_SYNC_CATALOGUE=false", "--LOG_LEVEL=ERROR"]);
        var (database, entitlements, now) = (app.Services.GetRequiredService<Database>(), app.Services.GetRequiredService<Entitlements>(), TimeProvider.System.GetUtcNow());
        foreach (var one in people)
        {
            await database.Write(transaction => entitlements.Put(transaction, new EntitlementFacts(
                one.Account, PlanProduct.ChatPro, "chat_pro", 1, PlanStore.Stripe, "sub_bench", "active", now, now.AddDays(30), false, null, null)));
        }
    }

    private static AccountId AccountOf(string token)
    {
        var body = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        using var claims = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(body.PadRight((body.Length + 3) / 4 * 4, '='))));
        return AccountId.Parse(claims.RootElement.GetProperty("sub").GetString()!);
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer, CancellationToken stop)
    {
        var text = await answer.Content.ReadAsStringAsync(stop);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
    }
}
