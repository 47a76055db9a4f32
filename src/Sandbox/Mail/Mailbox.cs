namespace Sandbox.Mail;

/// <summary>Addresses as mail writes them: <c>Name &lt;address&gt;</c> or the address alone.</summary>
internal static class Mailbox
{
    public static string AddressOf(string written)
    {
        var open = written.LastIndexOf('<');
        var close = written.LastIndexOf('>');
        return (open >= 0 && close > open ? written[(open + 1)..close] : written).Trim();
    }
}
