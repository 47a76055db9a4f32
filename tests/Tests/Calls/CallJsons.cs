using System.Text.Json;

namespace Tests.Calls;

/// <summary>Reads answers.</summary>
internal static class CallJsons
{
    public static long Number(this JsonElement body, string name) => body.GetProperty(name).GetInt64();
}
