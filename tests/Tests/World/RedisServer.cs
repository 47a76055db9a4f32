namespace Tests.World;

/// <summary>The Redis server of this test run: the one TEST_REDIS names, else one of its own.</summary>
internal static class RedisServer
{
    private static readonly Lazy<Task<string>> Found = new(Find);

    /// <summary>Its <c>redis://</c> address. Keys of all tests lie on it together: prefix yours.</summary>
    public static Task<string> Address => Found.Value;

    private static async Task<string> Find()
    {
        if (Environment.GetEnvironmentVariable("TEST_REDIS") is { Length: > 0 } given)
        {
            return given;
        }

        var server = await ThrowAwayServer.Start("", "redis-server --port $PORT --bind 127.0.0.1 --dir \"$FOLDER\" --save '' --appendonly no");
        return $"redis://127.0.0.1:{server.Port}";
    }
}
