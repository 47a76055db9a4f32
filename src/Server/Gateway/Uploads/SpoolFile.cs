namespace Ledgerline.Gateway.Uploads;

/// <summary>A file without a name: it is gone when it is closed, and when the process dies.</summary>
internal static class SpoolFile
{
    public static FileStream Create(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(Path.Combine(folder, name), options);
        }

        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path.Combine(folder, name), options);
        // Only Windows deletes for a process that was killed. Here a name that is gone at once cannot be left behind.
        File.Delete(file.Name);
        return file;
    }
}
