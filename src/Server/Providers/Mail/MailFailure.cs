namespace Ledgerline.Providers.Mail;

/// <summary>A mail was not sent. The message may be logged: it holds no address and none of a server's own words.</summary>
public sealed class MailFailure(string message, bool isFinal) : Exception(message)
{
    /// <summary>This mail will never be taken; otherwise a later attempt may succeed.</summary>
    public bool IsFinal { get; } = isFinal;
}
