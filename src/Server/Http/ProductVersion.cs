using System.Reflection;

namespace Ledgerline.Http;

/// <summary>The running version, without the commit that a build may append.</summary>
public static class ProductVersion
{
    public static string Text { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
