using System.Text.Json;

namespace Ledgerline.Jobs;

/// <summary>How news are written into job rows.</summary>
internal static class JobJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General);
}
