using System.Security.Cryptography;
using System.Text.Json;
using Sandbox.Core;

namespace Sandbox.Mail;

/// <summary>Resend's <c>POST /emails</c>: a repeated idempotency key answers the first id and sends nothing again.</summary>
internal static class SendEmail
{
    public static async Task<IResult> Handle(HttpContext context, MessageBox messages, SentMail sent, SandboxClock clock)
    {
        if (context.BearerToken() is not { } key)
        {
            return Refuse(401, "missing_api_key", "Missing API key in the authorization header.");
        }

        if (!key.StartsWith("re_", StringComparison.Ordinal))
        {
            return Refuse(401, "invalid_api_key", "API key is invalid. The sandbox takes any key that begins with re_.");
        }

        using var held = new MemoryStream();
        await context.Request.Body.CopyToAsync(held, context.RequestAborted);
        try
        {
            using var parsed = JsonDocument.Parse(held.GetBuffer().AsMemory(0, (int)held.Length));
            var mail = parsed.RootElement;
            if (mail.ValueKind != JsonValueKind.Object)
            {
                return Refuse(422, "validation_error", "The body must be a JSON object.");
            }

            string? Text(string name) => mail.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            var to = Addresses(mail);
            var missing = Text("from") is null ? "from" : to.Count == 0 ? "to" : Text("subject") is null ? "subject"
                : Text("html") is null && Text("text") is null ? "html" : null;
            if (missing is not null)
            {
                return Refuse(422, "missing_required_field", $"Missing `{missing}` field.");
            }

            var fingerprint = Convert.ToHexString(SHA256.HashData(held.ToArray()));
            var (id, outcome) = sent.Once(context.Request.Headers["idempotency-key"].ToString(), fingerprint);
            if (outcome == SentMail.Outcome.Conflict)
            {
                return Refuse(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.");
            }

            if (outcome == SentMail.Outcome.New)
            {
                foreach (var one in to)
                {
                    messages.Add(new Message("mail", Mailbox.AddressOf(one), Text("from"), Text("subject"), Text("text") ?? "", Text("html"), clock.GetUtcNow()));
                }
            }

            return Json.Answer(new { id });
        }
        catch (JsonException)
        {
            return Refuse(400, "validation_error", "The body is not valid JSON.");
        }
    }

    public static object ErrorShape(int status, string name, string message) => new Dictionary<string, object>
    {
        ["statusCode"] = status,
        ["name"] = name,
        ["message"] = message,
    };

    private static IResult Refuse(int status, string name, string message) => Json.Answer(ErrorShape(status, name, message), status);

    private static List<string> Addresses(JsonElement mail)
    {
        if (!mail.TryGetProperty("to", out var to))
        {
            return [];
        }

        var all = to.ValueKind == JsonValueKind.Array ? [.. to.EnumerateArray()] : new[] { to };
        return [.. all.Where(one => one.ValueKind == JsonValueKind.String && one.GetString()!.Contains('@', StringComparison.Ordinal)).Select(one => one.GetString()!)];
    }
}
