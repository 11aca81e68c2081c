using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.Conformance.Subjects;

/// <summary>The certificate of all ends with TLS: of an elliptic curve, for they shake hands thousands of
/// times.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Instance { get; } = Create();

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
