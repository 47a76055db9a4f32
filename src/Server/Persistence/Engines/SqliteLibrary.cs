using System.Reflection;
using System.Runtime.InteropServices;

namespace Ledgerline.Persistence.Engines;

/// <summary>Prefers the system's libsqlite3, which is newer and patched by the distribution, over the bundled 3.35.5.</summary>
internal static class SqliteLibrary
{
    private const string Bundled = "e_sqlite3";
    private static readonly string[] System = ["libsqlite3.so.0", "libsqlite3.dylib"];

    public static void Load()
    {
        var provider = Assembly.Load("SQLitePCLRaw.provider.e_sqlite3");
        try
        {
            NativeLibrary.SetDllImportResolver(provider, (name, assembly, search) =>
                name == Bundled && Array.Find(System, library => NativeLibrary.TryLoad(library, out _)) is { } found
                    ? NativeLibrary.Load(found)
                    : NativeLibrary.Load(name, assembly, search));
        }
        catch (InvalidOperationException)
        {
            // Somebody else in this process has chosen already, and one process has one SQLite.
        }

        SQLitePCL.Batteries_V2.Init();
    }
}
