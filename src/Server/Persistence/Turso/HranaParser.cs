using System.Text.Json;

namespace Ledgerline.Persistence.Turso;

/// <summary>Reads the answer to a pipeline; what does not fit what was asked is refused as a whole.</summary>
internal static class HranaParser
{
    /// <exception cref="FormatException">It is no answer to these requests.</exception>
    public static HranaAnswer Read(JsonElement answer, HranaRequest asked)
    {
        try
        {
            var results = answer.GetProperty("results");
            if (results.GetArrayLength() != asked.Count)
            {
                throw new FormatException($"The database sent {results.GetArrayLength()} results to {asked.Count} requests.");
            }

            List<HranaResponse> responses = [];
            foreach (var result in results.EnumerateArray())
            {
                responses.Add(Response(result, responses.Count == asked.BatchAt ? asked.Steps : 0));
            }

            return new HranaAnswer(Text(answer, "baton"), Text(answer, "base_url"), responses);
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The database's answer is not what the protocol promises: {failure.Message}", failure);
        }
    }

    /// <summary>The error that a refused request may tell; its body may as well be text or a proxy's page.</summary>
    public static HranaError? Refusal(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            return JsonDocument.TryParseValue(ref reader, out var json) && json.RootElement.ValueKind == JsonValueKind.Object && Text(json.RootElement, "message") is { } message
                ? new HranaError(message, Text(json.RootElement, "code"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HranaResponse Response(JsonElement result, int steps)
    {
        if (result.GetProperty("type").GetString() == "error")
        {
            return new HranaResponse(Error(result.GetProperty("error")), []);
        }

        var response = result.GetProperty("response");
        return new HranaResponse(null, response.GetProperty("type").GetString() == "batch" ? Steps(response.GetProperty("result"), steps) : []);
    }

    private static List<HranaStep> Steps(JsonElement result, int expected)
    {
        var (results, errors) = (result.GetProperty("step_results"), result.GetProperty("step_errors"));
        if (results.GetArrayLength() != expected || errors.GetArrayLength() != expected)
        {
            throw new FormatException($"The database sent {results.GetArrayLength()} results to {expected} steps.");
        }

        return [.. results.EnumerateArray().Zip(errors.EnumerateArray(), (ok, error) => new HranaStep(
            ok.ValueKind == JsonValueKind.Null ? null : Result(ok), error.ValueKind == JsonValueKind.Null ? null : Error(error)))];
    }

    private static HranaResult Result(JsonElement result)
    {
        List<HranaColumn> columns = [.. result.GetProperty("cols").EnumerateArray().Select(column => new HranaColumn(Text(column, "name") ?? "", Text(column, "decltype")))];
        List<object?[]> rows = [];
        foreach (var row in result.GetProperty("rows").EnumerateArray())
        {
            if (row.GetArrayLength() != columns.Count)
            {
                throw new FormatException($"The database sent a row of {row.GetArrayLength()} values under {columns.Count} columns.");
            }

            rows.Add([.. row.EnumerateArray().Select(HranaValue.Read)]);
        }

        return new HranaResult(columns, rows, result.GetProperty("affected_row_count").GetInt64());
    }

    private static HranaError Error(JsonElement error) => new(Text(error, "message") ?? "The database gave no reason.", Text(error, "code"));

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
}
