namespace Sandbox.Core;

/// <summary>One request that reached a provider; status 0 means that the connection was dropped.</summary>
internal sealed record LoggedRequest(
    string Id, string Provider, string Method, string Path, string? Query, IReadOnlyDictionary<string, string> Headers,
    string? Body, long BodyBytes, int Status, DateTimeOffset At);

/// <summary>What the server sent, newest first; the oldest give way.</summary>
internal sealed class RequestLog
{
    private static readonly object NoteKey = new();
    private static readonly object DroppedKey = new();
    private readonly Ring<LoggedRequest> _requests = new(2000);

    public void Add(LoggedRequest request) => _requests.Add(request);

    public IReadOnlyList<LoggedRequest> List(string? provider = null, int limit = 50) =>
        _requests.Newest(request => provider is null || request.Provider == provider, limit);

    public void Clear() => _requests.Clear();

    /// <summary>Logs this text instead of the raw body: a simulator that took an upload apart knows better what it said.</summary>
    public static void Note(HttpContext context, string body) => context.Items[NoteKey] = body;

    /// <summary>Marks a request whose connection is cut.</summary>
    public static void MarkDropped(HttpContext context) => context.Items[DroppedKey] = true;

    public static bool WasDropped(HttpContext context) =>
        context.Items.ContainsKey(DroppedKey) || context.RequestAborted.IsCancellationRequested;

    public static string? NoteOf(HttpContext context) => context.Items[NoteKey] as string;
}
