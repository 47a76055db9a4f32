using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Http;

/// <summary><c>GET /health</c>: the process can serve. Touches neither database nor provider.</summary>
internal static class Health
{
    public static Ok<Answer> Handle() => TypedResults.Ok(new Answer("healthy", "ledgerline", ProductVersion.Text));

    /// <param name="Status">Always <c>healthy</c>.</param>
    /// <param name="Service">Always <c>ledgerline</c>.</param>
    /// <param name="Version">The running version.</param>
    public sealed record Answer(string Status, string Service, string Version);
}
