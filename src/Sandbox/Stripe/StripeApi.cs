using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>The transport rules of Stripe's API, the same for every call: key, version, form bodies, idempotency, errors, expansion.</summary>
internal sealed partial class StripeApi(IEndpointRouteBuilder app, StripeWorld world)
{
    public const string PinnedVersion = "2026-08-26.dahlia";

    private static readonly JsonSerializerOptions Printed = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonNode node) => node.ToJsonString(Printed);

    public void Get(string path, Func<StripeCall, JsonObject> handle) => Map("GET", path, handle);

    /// <param name="path">Stripe's own path.</param>
    /// <param name="handle">Carries the call out and answers with an object of the world, which is copied.</param>
    /// <param name="notPlayed">Parameters that Stripe knows and this sandbox would have to ignore: refused instead.</param>
    public void Post(string path, Func<StripeCall, JsonObject> handle, string notPlayed = "") => Map("POST", path, handle, notPlayed);

    public void Delete(string path, Func<StripeCall, JsonObject> handle) => Map("DELETE", path, handle);

    /// <summary>Answers addresses that no call has.</summary>
    public static Task Unrecognized(HttpContext context)
    {
        var path = context.Request.Path.Value!["/stripe".Length..];
        return Send(context, Ids.New("req_", 14), new StripeError(404, "invalid_request_error",
            $"Unrecognized request URL ({context.Request.Method}: {path}). This sandbox plays a part of Stripe's API only; see /stripe/."));
    }

    private void Map(string method, string path, Func<StripeCall, JsonObject> handle, string notPlayed = "")
    {
        var operation = $"{method} {path}";
        if (!Parameters.Knows(operation))
        {
            throw new InvalidOperationException($"parameters.json has no {operation}.");
        }

        var refused = notPlayed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        app.MapMethods("/stripe" + path, [method], context => Run(context, operation, handle, refused));
    }

    private async Task Run(HttpContext context, string operation, Func<StripeCall, JsonObject> handle, string[] refused)
    {
        var requestId = Ids.New("req_", 14);
        try
        {
            Authenticate(context);
            var version = Version(context);
            var key = context.Request.Method == "POST" ? Key(context) : null;
            if (key is null)
            {
                var given = await Given(context);
                var (status, body) = Execute(context, operation, handle, refused, given, requestId, key, version);
                await Send(context, requestId, status, body);
                return;
            }

            context.Response.Headers["Idempotency-Key"] = key;
            using var entry = world.Keys.Take(key) ?? throw new StripeError(409, "idempotency_error",
                $"There is currently another in-progress request using this Idempotency Key: {key}. Try again with the same key when it has been answered.")
            { Code = "idempotency_key_in_use" };
            await RunKeyed(context, operation, handle, refused, requestId, key, version, entry);
        }
        catch (StripeError refusal)
        {
            await Send(context, requestId, refusal);
        }
    }

    private async Task RunKeyed(
        HttpContext context, string operation, Func<StripeCall, JsonObject> handle, string[] refused, string requestId, string key, string version,
        IdempotencyKeys.Entry entry)
    {
        var given = await Given(context);
        var path = context.Request.Path.Value!;
        var fingerprint = Canonical(given).ToJsonString();
        if (entry.Answer is not { } first)
        {
            var (status, body) = Execute(context, operation, handle, refused, given, requestId, key, version);
            entry.Store(path, fingerprint, new StoredAnswer(status, body, requestId));
            await Send(context, requestId, status, body);
            return;
        }

        if (entry.Path != path)
        {
            throw new StripeError(400, "idempotency_error",
                $"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{entry.Path!["/stripe".Length..]}' vs '{path["/stripe".Length..]}'). "
                + $"Try using a key other than '{key}' if you meant to execute a different request.");
        }

        if (entry.Fingerprint != fingerprint)
        {
            throw new StripeError(400, "idempotency_error",
                $"Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request.");
        }

        context.Response.Headers["Idempotent-Replayed"] = "true";
        context.Response.Headers["Original-Request"] = first.RequestId;
        await Send(context, requestId, first.Status, first.Body);
    }

    /// <summary>Parameters first: what they refuse was never begun, and no key remembers it. What the handler refuses is an answer.</summary>
    private (int Status, byte[] Body) Execute(
        HttpContext context, string operation, Func<StripeCall, JsonObject> handle, string[] refused, JsonObject given, string requestId, string? key, string version)
    {
        var values = new Params(Parameters.Read(operation, given));
        var kind = Expansion.KindOf(context.Request.Method, operation.Split(' ')[1]);
        var expand = values.Texts("expand");
        Expansion.Check(kind, expand);
        if (Array.Find(refused, values.Has) is { } unplayed)
        {
            throw StripeError.NotPlayed(unplayed);
        }

        lock (world.Gate)
        {
            world.Origin = context.Origin();
            world.Agenda.CatchUp();
            var call = new StripeCall(world, context.Origin())
            {
                Params = values,
                Route = context.Request.RouteValues,
                RequestId = requestId,
                IdempotencyKey = key,
                Version = version,
            };
            try
            {
                // Nothing may have happened yet when this is refused.
                values.MergeMetadata([]);
                var answer = Expansion.Apply(world, handle(call).Copy(), kind, expand);
                return (200, Encoding.UTF8.GetBytes(Text(answer)));
            }
            catch (StripeError refusal)
            {
                return (refusal.Status, Encoding.UTF8.GetBytes(Text(refusal.ToJson(requestId))));
            }
        }
    }

    private static void Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var key = context.BearerToken();
        if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var decoded = new byte[header.Length];
            key = Convert.TryFromBase64String(header["Basic ".Length..].Trim(), decoded, out var length)
                ? Encoding.UTF8.GetString(decoded, 0, length).Split(':')[0]
                : "";
        }

        if (key is null)
        {
            throw StripeError.Unauthorized(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
        }

        if (key.StartsWith("sk_live_", StringComparison.Ordinal))
        {
            throw StripeError.Unauthorized("This is a sandbox: a live key must never reach it. Use a key that begins with sk_test_.");
        }

        if (!TestKey().IsMatch(key))
        {
            throw StripeError.Unauthorized($"Invalid API Key provided: {(key.Length > 12 ? key[..8] + "****" : "****")}. The sandbox takes any key that begins with sk_test_.");
        }
    }

    private static string Version(HttpContext context)
    {
        var version = context.Request.Headers["Stripe-Version"].ToString();
        if (version.Length == 0)
        {
            version = PinnedVersion;
        }

        if (!SaneVersion().IsMatch(version))
        {
            throw StripeError.Invalid($"Invalid Stripe API version: {version}");
        }

        context.Response.Headers["Stripe-Version"] = version;
        return version;
    }

    private static string? Key(HttpContext context)
    {
        var header = context.Request.Headers["Idempotency-Key"];
        if (StringValues.IsNullOrEmpty(header))
        {
            return null;
        }

        var key = header.ToString();
        return key.Length <= 255 ? key : throw StripeError.Invalid("Idempotency keys can have at most 255 characters.");
    }

    private static async Task<JsonObject> Given(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        if (body.Length > 0 && request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw StripeError.Invalid("Send parameters as application/x-www-form-urlencoded.");
        }

        var query = request.QueryString.Value is { Length: > 1 } text ? text[1..] : "";
        return FormBody.Decode(query.Length > 0 && body.Length > 0 ? $"{query}&{body}" : query + body);
    }

    // The same parameters in another order are the same request.
    private static JsonObject Canonical(JsonObject node) => new(node.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one =>
        KeyValuePair.Create(one.Key, one.Value is JsonObject child ? Canonical(child) : one.Value?.DeepClone())));

    private static Task Send(HttpContext context, string requestId, StripeError refusal)
    {
        if (refusal.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Stripe\"";
        }

        return Send(context, requestId, refusal.Status, Encoding.UTF8.GetBytes(Text(refusal.ToJson(requestId))));
    }

    private static async Task Send(HttpContext context, string requestId, int status, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers["Request-Id"] = requestId;
        if (status >= 400)
        {
            response.Headers["Stripe-Should-Retry"] = status == 409 ? "true" : "false";
        }

        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    [GeneratedRegex(@"^sk_test_\S+$")]
    private static partial Regex TestKey();

    [GeneratedRegex(@"^20\d\d-\d\d-\d\d(\.[a-z]+)?$")]
    private static partial Regex SaneVersion();
}
