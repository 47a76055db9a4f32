using System.Text.Json;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Notices;

/// <summary>
/// The door to text messages: written as mails are, by the same mechanism. What they say is sealed until they have gone and forgotten
/// then: it may be a code that opens an account, and neither a table nor a copy of one shall tell it.
/// </summary>
public sealed class Texter
{
    private const string Purpose = "text messages";

    private readonly NoticeBox box;
    private readonly SecretBox secrets;
    private readonly Ids ids;
    private readonly TimeProvider clock;

    internal Texter(NoticeBox box, SecretBox secrets, Ids ids, TimeProvider clock) =>
        (this.box, this.secrets, this.ids, this.clock) = (box, secrets, ids, clock);

    /// <summary>Writes the message. An account has at most one notice of a key: whoever comes second changes nothing, also with other words.</summary>
    public void Send(Transaction transaction, AccountId account, TextMessage message)
    {
        var id = ids.Text();
        var said = JsonSerializer.SerializeToUtf8Bytes(new TextWords(message.Words, message.Code));
        box.Add(transaction, new NewNotice(
            account, message.Key, id, Channel.Text, "", secrets.Seal(Purpose, id, said), null, clock.GetUtcNow(), message.ExpiresAt));
    }

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed under another SECRET_KEY.</exception>
    internal TextWords Open(string id, string sealedText) => JsonSerializer.Deserialize<TextWords>(secrets.Open(Purpose, id, sealedText))!;
}

/// <summary>What a text message says.</summary>
internal sealed record TextWords(string Words, string? Code)
{
    public override string ToString() => "(sealed)";
}
