using System.Reflection;
using System.Runtime.InteropServices;

namespace Sandbox.Turso;

/// <summary>SQLite's own code: the system's where there is one, else the bundled one.</summary>
internal static class SqliteLibrary
{
    private const string Bundled = "e_sqlite3";
    private static readonly string[] Installed = ["libsqlite3.so.0", "libsqlite3.dylib"];

    public static void Load()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(Assembly.Load("SQLitePCLRaw.provider.e_sqlite3"), (name, assembly, search) =>
                name == Bundled && Array.Find(Installed, library => NativeLibrary.TryLoad(library, out _)) is { } found
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
