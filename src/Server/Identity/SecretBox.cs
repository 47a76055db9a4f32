using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>
/// Seals what must not lie in the database in the clear (AES-256-GCM), each purpose under a key of its own that is derived from SECRET_KEY (HKDF).
/// </summary>
public sealed class SecretBox(IdentityOptions options, Ids ids)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <param name="purpose">Fixed text: which kind of secret this is.</param>
    /// <param name="owner">Whose it is: it opens only under the same owner, so rows cannot be exchanged.</param>
    public string Seal(string purpose, string owner, ReadOnlySpan<byte> secret)
    {
        var box = new byte[NonceBytes + TagBytes + secret.Length];
        ids.Bytes(NonceBytes).CopyTo(box, 0);
        using var aes = new AesGcm(KeyFor(purpose), TagBytes);
        aes.Encrypt(
            box.AsSpan(0, NonceBytes), secret, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(owner));
        return Base64Url.EncodeToString(box);
    }

    /// <exception cref="CryptographicException">It was sealed under another SECRET_KEY, for another purpose or owner, or was changed.</exception>
    public byte[] Open(string purpose, string owner, string sealedText)
    {
        byte[] box;
        try
        {
            box = Base64Url.DecodeFromChars(sealedText);
        }
        catch (FormatException failure)
        {
            throw new CryptographicException("Not a sealed text.", failure);
        }

        if (box.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("Not a sealed text.");
        }

        var secret = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(KeyFor(purpose), TagBytes);
        aes.Decrypt(
            box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), secret, Encoding.UTF8.GetBytes(owner));
        return secret;
    }

    /// <summary>A key for HMAC or encryption that serves this purpose alone.</summary>
    internal byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, options.Secret.ToArray(), 32, info: Encoding.UTF8.GetBytes($"ledgerline {purpose}"));
}
