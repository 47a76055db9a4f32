namespace Ledgerline.Gateway;

/// <summary>What shall be written down; its length is the one that was paid for.</summary>
/// <param name="Audio">From its beginning; closed by who reads it.</param>
/// <param name="FileName">With the extension that fits the content.</param>
/// <param name="Language">An ISO code, or null.</param>
public sealed record Recording(Stream Audio, string FileName, string ContentType, string? Language);
