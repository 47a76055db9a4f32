using Ledgerline.Kernel;

namespace Ledgerline.Gateway.Uploads;

/// <summary>Where recordings lie while they are worked on.</summary>
public sealed class UploadStore(UploadOptions options, UploadMemory memory, Ids ids)
{
    public UploadOptions Options => options;

    /// <summary>An empty place: in memory where the whole request says that it is small and there is room, else on disk.</summary>
    /// <param name="most">The recording has no more bytes than that; null when nobody knows.</param>
    internal Stream Open(long? most) =>
        memory.Take(most) ?? (Stream)SpoolFile.Create(options.SpoolFolder, $"ledgerline-{ids.Secret(12)}");
}
