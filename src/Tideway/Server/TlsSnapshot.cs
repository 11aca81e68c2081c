using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.Server;

/// <summary>How TLS is spoken with the contents of the files of one moment. Immutable.</summary>
internal sealed class TlsSnapshot
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private TlsSnapshot(string hash, X509Certificate2 certificate, SslServerAuthenticationOptions options) =>
        (Hash, Certificate, Options) = (hash, certificate, options);

    /// <summary>That of the files.</summary>
    public string Hash { get; }

    /// <summary>The certificate that is shown.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>When the certificate expires, in UTC.</summary>
    public DateTime NotAfter => Certificate.NotAfter.ToUniversalTime();

    /// <summary>What each connection is opened with.</summary>
    public SslServerAuthenticationOptions Options { get; }

    /// <summary>Makes a snapshot.</summary>
    /// <exception cref="TlsException">The files do not fit.</exception>
    public static TlsSnapshot Create(TlsConfig config, TlsFiles files, ListenerHttpVersion version)
    {
        X509Certificate2Collection chain = TlsCertificate.ReadAll("cert", config.Cert!, files.Cert);
        X509Certificate2 certificate = TlsCertificate.WithKey(chain[0], config, files);
        X509ChainPolicy? clients = PolicyOfClients(config, files);
        var options = new SslServerAuthenticationOptions
        {
            // Offline: what the file does not have of the chain is not fetched from elsewhere.
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
            EnabledSslProtocols = config.MinVersion == TlsVersion.Tls13
                ? SslProtocols.Tls13
                : SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = version == ListenerHttpVersion.Http2
                ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]
                : [SslApplicationProtocol.Http11],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateRequired = clients is not null,
            CertificateChainPolicy = clients,
        };
        return new TlsSnapshot(files.Hash, certificate, options);
    }

    private static X509ChainPolicy? PolicyOfClients(TlsConfig config, TlsFiles files)
    {
        if (config.Ca.Count == 0) return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true, // The addresses are in the client's own certificate.
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        for (int i = 0; i < config.Ca.Count; i++)
        {
            foreach (X509Certificate2 authority in TlsCertificate.ReadAll($"ca[{i}]", config.Ca[i], files.Ca[i]))
            {
                bool isRoot = authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);
                (isRoot ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
            }
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new TlsException(
                "ca", "no certificate in these files has issued itself, so no chain of a client can end in one");
    }
}
