using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>A certificate authority of the tests, and what it signs.</summary>
internal static class TestCertificate
{
    /// <summary>The authority. Nobody trusts it unless told to.</summary>
    public static X509Certificate2 Authority { get; } = CreateAuthority();

    /// <summary>The certificate of a server at the loopback.</summary>
    public static X509Certificate2 Server { get; } = Sign("localhost", from: -1, to: 1);

    /// <summary>Signs a certificate for a host, valid from and to a number of days from now.</summary>
    public static X509Certificate2 Sign(string host, int from, int to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost") names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 signed = request.Create(
            Authority, now.AddDays(from), now.AddDays(to), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
    }
}
