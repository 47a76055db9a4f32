using System.Text.Json;
using Sandbox.Core;

namespace Sandbox.Turso;

/// <summary><c>POST /v2/pipeline</c>, <c>/v3/pipeline</c>: requests on one stream, all of them run, in order, whatever fails.</summary>
internal static class Pipeline
{
    public static async Task<IResult> Run(HttpContext context, TursoWorld world, string? database, string? pin)
    {
        Authorize(context, world.Settings.AuthToken);
        using var body = await Read(context);
        var given = HranaValues.Text(body.RootElement, "baton");
        var stream = given is not null ? world.Find(given, pin)
            : database is null ? throw HranaRefusal.InvalidBaton()
            : world.Open(database, world.Settings.Sticky ? Ids.New("", 12) : null);
        stream.Enter();
        try
        {
            List<object> results = [];
            foreach (var request in body.RootElement.GetProperty("requests").EnumerateArray())
            {
                results.Add(await Result(stream, request));
            }

            return Json.Answer(new
            {
                baton = stream.IsClosed ? null : world.BatonOf(stream),
                base_url = stream.Pin is { } own ? $"{context.Origin()}/turso/at/{own}/" : null,
                results,
            });
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            stream.Abandon();
            throw HranaRefusal.Unreadable($"JSON parse error: {failure.Message}");
        }
        catch (HranaRefusal)
        {
            stream.Abandon();
            throw;
        }
        finally
        {
            stream.Leave();
        }
    }

    private static async Task<object> Result(HranaStream stream, JsonElement request)
    {
        try
        {
            return new { type = "ok", response = await stream.Serve(request) };
        }
        catch (HranaError failure)
        {
            return new { type = "error", error = failure.Shape };
        }
    }

    private static async Task<JsonDocument> Read(HttpContext context)
    {
        try
        {
            var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("requests", out var requests) && requests.ValueKind == JsonValueKind.Array)
            {
                return body;
            }

            body.Dispose();
            throw HranaRefusal.Unreadable("JSON parse error: missing field requests");
        }
        catch (JsonException broken)
        {
            throw HranaRefusal.Unreadable($"JSON parse error: {broken.Message}");
        }
    }

    private static void Authorize(HttpContext context, string? token)
    {
        if (token is not null && context.BearerToken() != token)
        {
            throw context.BearerToken() is null
                ? HranaRefusal.Unauthorized("Unauthorized: the Authorization header is missing", "AUTH_HTTP_HEADER_MISSING")
                : HranaRefusal.Unauthorized("Unauthorized: the token is not valid for this database", "AUTH_JWT_INVALID");
        }
    }
}
