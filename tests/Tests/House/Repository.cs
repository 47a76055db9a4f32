namespace Tests.House;

/// <summary>Where the sources lie on this machine: the folder that holds Ledgerline.slnx.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Ledgerline.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"The tests read the sources, but no folder above {from} holds Ledgerline.slnx.");
    }
}
