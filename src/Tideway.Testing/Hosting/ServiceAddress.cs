using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.Testing.Hosting;

/// <summary>Where a listener of the service is, and the certificate by which it is known. Immutable.</summary>
/// <param name="EndPoint">The address.</param>
/// <param name="Certificate">The certificate of its config; null without TLS.</param>
internal sealed record ServiceAddress(IPEndPoint EndPoint, X509Certificate2? Certificate)
{
    /// <summary>What the <c>Host</c> header has.</summary>
    public string Authority => EndPoint.ToString();

    /// <summary>The address for HTTP.</summary>
    public Uri Uri => new($"{(Certificate is null ? "http" : "https")}://{EndPoint}/");

    /// <summary>The same listener, through another port.</summary>
    public ServiceAddress Through(IPEndPoint gate) => this with { EndPoint = gate };

    /// <summary>Trusts the certificate of the service's config, and no other.</summary>
    public bool Trusts(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) =>
        shown is not null && Certificate is not null
        && shown.GetRawCertData().AsSpan().SequenceEqual(Certificate.GetRawCertData());
}
