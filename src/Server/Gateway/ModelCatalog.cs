namespace Ledgerline.Gateway;

/// <summary>The models that are sold, by what they do.</summary>
public sealed record ModelCatalog(string Transcription);
