namespace Tests.World;

/// <summary>The process believes to be in this time zone, as a server does whose machine is set so. No other test depends on where it is.</summary>
internal sealed class LocalZone : IDisposable
{
    private readonly string? before = Environment.GetEnvironmentVariable("TZ");

    public LocalZone(string zone) => Set(zone);

    public void Dispose() => Set(before);

    private static void Set(string? zone)
    {
        Environment.SetEnvironmentVariable("TZ", zone);
        TimeZoneInfo.ClearCachedData();
    }
}
