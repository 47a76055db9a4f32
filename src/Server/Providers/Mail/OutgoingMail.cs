namespace Ledgerline.Providers.Mail;

/// <summary>One mail on its way to one person.</summary>
/// <param name="Id">The same at every attempt, so that a provider or a mailbox can tell a repetition.</param>
/// <param name="ToName">Shown beside the address; may be any text.</param>
/// <param name="Subject">One line.</param>
/// <param name="Html">The same words with mark-up; null for a mail of plain text.</param>
public sealed record OutgoingMail(string Id, string To, string? ToName, string Subject, string Text, string? Html);
