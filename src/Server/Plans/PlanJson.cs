using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ledgerline.Plans;

/// <summary>A plan as JSON.</summary>
internal static class PlanJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Everything it says, for the audit.</summary>
    public static string Text(Plan plan) => JsonSerializer.Serialize(plan, Options);
}
