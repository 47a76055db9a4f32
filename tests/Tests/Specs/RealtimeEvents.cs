namespace Tests.Specs;

/// <summary>Events of OpenAI's Realtime API: each by the schema of its type, with no field that is not published.</summary>
internal static class RealtimeEvents
{
    /// <summary>Null when a server's event fits, else a sentence naming the first violation.</summary>
    public static Task<string?> CheckServer(string message) => Check("RealtimeServerEvent", message);

    /// <summary>The same for what a client sends.</summary>
    public static Task<string?> CheckClient(string message) => Check("RealtimeClientEvent", message);

    private static async Task<string?> Check(string prefix, string message)
    {
        var openai = await ProviderSpecs.OpenAi;
        var sent = SpecJson.Parse(message);
        return openai.EventSchema(prefix, $"{sent["type"]}") is { } schema
            ? openai.Check(schema, sent) ?? openai.CheckNames(schema, sent)
            : $"No event of {prefix} has the type {sent["type"]}.";
    }
}
