using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>An RSA key that signs ID tokens, with its certificate twin.</summary>
internal sealed class GoogleKey
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly Lock _gate = new();
    private readonly Lazy<string> _certificate;

    public GoogleKey()
    {
        Id = Ids.Hex("", 40);
        // The key itself is made when it is first asked for.
        _ = Public;
        _certificate = new Lazy<string>(MakeCertificate);
    }

    public string Id { get; }

    public string CertificatePem => _certificate.Value;

    public RSAParameters Public => _rsa.ExportParameters(includePrivateParameters: false);

    public byte[] Sign(byte[] data)
    {
        lock (_gate)
        {
            return _rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    private string MakeCertificate()
    {
        lock (_gate)
        {
            var request = new CertificateRequest("CN=sandbox", _rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            return certificate.ExportCertificatePem() + "\n";
        }
    }
}
