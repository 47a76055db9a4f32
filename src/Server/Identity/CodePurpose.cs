namespace Ledgerline.Identity;

/// <summary>What a one-time code is good for; it is good for nothing else.</summary>
public static class CodePurpose
{
    public const string SignIn = "sign-in";
    public const string Reset = "reset";
}
