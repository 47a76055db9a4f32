using System.Security.Cryptography;

namespace Sandbox.Core;

/// <summary>Identifiers as the providers write them: a prefix and random letters and digits.</summary>
internal static class Ids
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string New(string prefix, int length = 24) => prefix + RandomNumberGenerator.GetString(Base62, length);

    public static string Hex(string prefix, int length = 32) => prefix + RandomNumberGenerator.GetHexString(length, lowercase: true);

    public static string Digits(int length) => RandomNumberGenerator.GetString("0123456789", length);
}
