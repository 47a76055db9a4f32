namespace Ledgerline.Http;

/// <summary>The fixed words of an area whose clients know others than the house's. On a route as its metadata.</summary>
/// <param name="BadToken">Of the 401 for a token that is forged, over, or was revoked.</param>
/// <param name="Failure">Of the 500.</param>
public sealed record AreaWords(string BadToken, string Failure)
{
    public static readonly AreaWords Chat = new("Invalid token", "Internal server error");

    private static readonly AreaWords House = new("Could not validate credentials", "An unexpected error occurred. Please try again later.");

    public static AreaWords Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<AreaWords>() ?? House;
}
