using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.World;

namespace Tests.Plans;

/// <summary>Somebody who is signed in, as a client sends requests.</summary>
internal sealed record Caller(HttpClient Node, string Token, AccountId Id)
{
    public static Task<Caller> Mobile(TestWorld world) => Register(world, $"{Guid.NewGuid():N}@example.com", ("X-App-Type", "mobile"));

    public static Task<Caller> Business(TestWorld world) => Register(world, $"{Guid.NewGuid():N}@example.com", ("X-App-Type", "web"));

    public static async Task<Caller> Operator(TestWorld world)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var caller = await Register(world, email, ("X-App-Type", "web"));
        await world.Services.GetRequiredService<OperatorVerbs>().CreateAdmin(email);
        return caller;
    }

    public static async Task<Caller> Register(TestWorld world, string email, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/register") { Content = JsonContent.Create(new { email, password = "secret" }) };
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        var pair = await People.PairOf(await world.Client.SendAsync(request));
        var account = await world.Database.Read(session => session.One<AccountId>("SELECT account_id FROM accounts WHERE email = @email", new { email }));
        return new Caller(world.Client, pair.Access, account);
    }

    public Caller On(HttpClient node) => this with { Node = node };

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : body as HttpContent ?? JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return Node.SendAsync(request);
    }

    /// <summary>The text of an answer that must be exactly 200.</summary>
    public async Task<string> Text(HttpMethod method, string path, object? body = null)
    {
        using var answer = await Send(method, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == System.Net.HttpStatusCode.OK ? text : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    public async Task<JsonElement> Json(HttpMethod method, string path, object? body = null) =>
        JsonDocument.Parse(await Text(method, path, body)).RootElement;

    public Task<JsonElement> Get(string path) => Json(HttpMethod.Get, path);
}
