using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ledgerline.Persistence.Turso;

/// <summary>Writes the body of one pipeline: the requests that go to the server in one round trip.</summary>
internal sealed class HranaRequest : IDisposable
{
    // Only what JSON itself needs is escaped: nobody pastes this into a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // From so many times on, a text is sent once and then named by a number.
    private const int WorthStoring = 3;

    private readonly ArrayBufferWriter<byte> body = new(1024);
    private readonly Utf8JsonWriter json;

    public HranaRequest(string? baton)
    {
        json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        if (baton is not null)
        {
            json.WriteString("baton", baton);
        }

        json.WriteStartArray("requests");
    }

    /// <summary>How many results the answer must have.</summary>
    public int Count { get; private set; }

    /// <summary>Where among the results the batch's answer stands.</summary>
    public int BatchAt { get; private set; } = -1;

    public int Steps { get; private set; }

    public void Batch(IReadOnlyList<HranaStatement> steps)
    {
        var stored = Store(steps);
        BatchAt = Count;
        Steps = steps.Count;
        Begin("batch");
        json.WriteStartObject("batch");
        json.WriteStartArray("steps");
        for (var step = 0; step < steps.Count; step++)
        {
            json.WriteStartObject();
            Condition(steps[step].When, step);
            json.WritePropertyName("stmt");
            Statement(steps[step], stored);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        foreach (var id in stored.Values)
        {
            Begin("close_sql");
            json.WriteNumber("sql_id", id);
            json.WriteEndObject();
        }
    }

    /// <summary>Several statements at once, without arguments and without rows.</summary>
    public void Sequence(string sql)
    {
        Begin("sequence");
        json.WriteString("sql", sql);
        json.WriteEndObject();
    }

    public void Close()
    {
        Begin("close");
        json.WriteEndObject();
    }

    public ReadOnlyMemory<byte> Done()
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    public void Dispose() => json.Dispose();

    private Dictionary<string, int> Store(IReadOnlyList<HranaStatement> steps)
    {
        Dictionary<string, int> stored = [];
        if (steps.Count < WorthStoring)
        {
            return stored;
        }

        foreach (var text in steps.GroupBy(step => step.Sql).Where(same => same.Count() >= WorthStoring).Select(same => same.Key))
        {
            stored[text] = stored.Count + 1;
            Begin("store_sql");
            json.WriteNumber("sql_id", stored[text]);
            json.WriteString("sql", text);
            json.WriteEndObject();
        }

        return stored;
    }

    private void Begin(string type)
    {
        Count++;
        json.WriteStartObject();
        json.WriteString("type", type);
    }

    private void Condition(HranaCondition when, int step)
    {
        switch (when)
        {
            case HranaCondition.AfterSuccess:
                json.WriteStartObject("condition");
                json.WriteString("type", "ok");
                json.WriteNumber("step", step - 1);
                json.WriteEndObject();
                break;
            case HranaCondition.InTransaction:
                json.WriteStartObject("condition");
                json.WriteString("type", "not");
                json.WriteStartObject("cond");
                json.WriteString("type", "is_autocommit");
                json.WriteEndObject();
                json.WriteEndObject();
                break;
        }
    }

    private void Statement(HranaStatement statement, Dictionary<string, int> stored)
    {
        json.WriteStartObject();
        if (stored.TryGetValue(statement.Sql, out var id))
        {
            json.WriteNumber("sql_id", id);
        }
        else
        {
            json.WriteString("sql", statement.Sql);
        }

        if (statement.Arguments.Count > 0)
        {
            json.WriteStartArray("named_args");
            foreach (var (name, value) in statement.Arguments)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WritePropertyName("value");
                HranaValue.Write(json, value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteBoolean("want_rows", statement.WantRows);
        json.WriteEndObject();
    }
}
