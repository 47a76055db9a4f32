namespace Sandbox.Turso;

/// <summary>How the server behaves; a control call sets all of it.</summary>
internal sealed record TursoSettings
{
    /// <summary>The token that every request must bear; null asks for none.</summary>
    public string? AuthToken { get; init; }

    /// <summary>How long a writer waits for another before it is told SQLITE_BUSY, in real milliseconds.</summary>
    public int BusyTimeoutMs { get; init; } = 5000;

    /// <summary>So many of the next transactions that want the write lock are told SQLITE_BUSY at once.</summary>
    public int Busy { get; init; }

    /// <summary>Every new stream gets an address of its own as <c>base_url</c> and is served nowhere else.</summary>
    public bool Sticky { get; init; }
}
