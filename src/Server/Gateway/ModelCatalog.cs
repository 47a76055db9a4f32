namespace Ledgerline.Gateway;

/// <summary>A model that is sold, and since when at its present price.</summary>
public sealed record SoldModel(string Id, DateTimeOffset Since);

/// <summary>The models that are sold: the one this product's own routes use, and all that callers may name.</summary>
public sealed record ModelCatalog(string Transcription)
{
    public IReadOnlyList<SoldModel> Sold { get; init; } = [];

    public bool Sells(string model) => Sold.Any(sold => sold.Id == model);
}
