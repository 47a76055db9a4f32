using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary><c>POST /v1/realtime/client_secrets</c>: a secret with which a browser opens sessions that are configured so.</summary>
internal static class CreateClientSecret
{
    private const string Model = "gpt-realtime";

    public static async Task<IResult> Handle(HttpContext context, ClientSecrets secrets, SandboxClock clock)
    {
        using var read = new StreamReader(context.Request.Body);
        var asked = Parse(await read.ReadToEndAsync(context.RequestAborted));
        if (asked.Select(field => field.Key).FirstOrDefault(name => name is not ("expires_after" or "session")) is { } unknown)
        {
            throw new OpenAiError(400, $"Unknown parameter: '{unknown}'.", unknown, "unknown_parameter");
        }

        var seconds = asked["expires_after"]?["seconds"] is JsonValue given ? given.TryGetValue<int>(out var number) ? number : 0 : 600;
        if (seconds is < 10 or > 7_200)
        {
            throw new OpenAiError(400, "Invalid 'expires_after.seconds': expected a value between 10 and 7200.", "expires_after.seconds", "invalid_value");
        }

        var session = asked["session"] as JsonObject ?? new JsonObject { ["type"] = "realtime" };
        var config = Configured(session, clock);
        var secret = secrets.Give(config.Model, session, TimeSpan.FromSeconds(seconds));
        return Json.Answer(new { value = secret.Value, expires_at = secret.ExpiresAt.ToUnixTimeSeconds(), session = config.Shape() });
    }

    /// <summary>The configuration that a session begins with, or the refusal of what it says.</summary>
    public static SessionConfig Configured(JsonObject session, SandboxClock clock)
    {
        var model = session["model"] is JsonValue given && given.TryGetValue<string>(out var named) ? named : Model;
        if (!OpenAiModels.Converses(model))
        {
            throw OpenAiModels.NotFound(model);
        }

        var config = new SessionConfig(Ids.New("sess_", 21), model, clock.GetUtcNow() + SessionConfig.Longest);
        try
        {
            config.Update(session, hasSpoken: false);
        }
        catch (RealtimeError wrong)
        {
            throw new OpenAiError(400, wrong.Message, wrong.Param, wrong.Code);
        }

        return config;
    }

    public static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text.Length == 0 ? "{}" : text) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new OpenAiError(400, "We could not parse the JSON body of your request.");
        }
    }
}
