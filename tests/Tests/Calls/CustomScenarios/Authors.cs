using System.Net;
using System.Text.Json;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Calls.CustomScenarios;

/// <summary>Writes scenarios as the clients do.</summary>
internal static class Authors
{
    public const string Persona = "You are Pat, who runs a small bakery.";
    public const string Prompt = "Take an order for a birthday cake.";

    public static object Draft(string voice = "alloy", string persona = Persona, string prompt = Prompt) => new { persona, prompt, voice_type = voice };

    public static Task<HttpResponseMessage> Create(this Caller caller, object draft) => caller.Send(HttpMethod.Post, "/realtime/custom-scenarios", draft);

    /// <summary>The new scenario's id.</summary>
    public static async Task<string> Write(this Caller caller, object? draft = null)
    {
        var made = await caller.Json(HttpMethod.Post, "/realtime/custom-scenarios", draft ?? Draft());
        Assert.Equal(("success", "Custom scenario created successfully"), (made.Text("status"), made.Text("message")));
        return made.Text("scenario_id")!;
    }

    public static async Task<IReadOnlyList<JsonElement>> Scenarios(this Caller caller) => [.. (await caller.Get("/custom-scenarios")).EnumerateArray()];

    public static async Task<string> Detail(this HttpResponseMessage answer, HttpStatusCode status)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
            return JsonDocument.Parse(text).RootElement.Text("detail")!;
        }
    }

    /// <summary>As a store's news would.</summary>
    public static Task Subscribe(this TestWorld world, Caller caller, string plan)
    {
        var (entitlements, now) = (world.Services.GetRequiredService<Entitlements>(), world.Clock.GetUtcNow());
        return world.Database.Write(transaction => entitlements.Put(
            transaction,
            new EntitlementFacts(
                caller.Id, PlanProduct.VoiceFeatures, plan, 1, PlanStore.AppStore, "purchase_test", EntitlementStatus.Active, now, now.AddMonths(1), false, null, null)));
    }
}
