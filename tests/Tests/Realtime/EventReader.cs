using System.Net;
using System.Text.Json;
using Xunit;

namespace Tests.Realtime;

/// <summary>One event as a browser's EventSource would have it.</summary>
internal sealed record LiveEvent(long Id, JsonElement Data)
{
    public string Type => Data.GetProperty("type").GetString()!;
}

/// <summary>Reads a stream of server-sent events, as strictly as the contract writes them: an id line, one data line, an empty line.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage answer;
    private readonly StreamReader lines;

    private EventReader(HttpResponseMessage answer, Stream body) => (this.answer, lines) = (answer, new StreamReader(body));

    public HttpResponseMessage Answer => answer;

    /// <param name="lastEventId">Sent as the header where not null.</param>
    public static async Task<EventReader> Open(HttpClient client, string? lastEventId = null, string path = "/api/events", string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(HttpStatusCode.OK == answer.StatusCode, $"{answer.StatusCode}: {(answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync())}");
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>Opens and reads <c>connected</c>.</summary>
    public static async Task<EventReader> Connect(HttpClient client, string? lastEventId = null)
    {
        var reader = await Open(client, lastEventId);
        Assert.Equal("connected", (await reader.Next())!.Type);
        return reader;
    }

    /// <summary>Null when the stream has ended.</summary>
    public async Task<LiveEvent?> Next()
    {
        if (await Line() is not { } id)
        {
            return null;
        }

        var data = await Line();
        Assert.StartsWith("id: ", id, StringComparison.Ordinal);
        Assert.StartsWith("data: {", data, StringComparison.Ordinal);
        Assert.Equal("", await Line());
        return new LiveEvent(long.Parse(id[4..], System.Globalization.CultureInfo.InvariantCulture), JsonDocument.Parse(data![6..]).RootElement);
    }

    public async Task<IReadOnlyList<LiveEvent>> Next(int count)
    {
        List<LiveEvent> events = [];
        while (events.Count < count)
        {
            events.Add((await Next())!);
        }

        return events;
    }

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }

    private Task<string?> Line() => lines.ReadLineAsync().WaitAsync(Patience);
}
