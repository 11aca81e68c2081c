using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ProbeService;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests.Hosting;

/// <summary>A service that speaks TLS is known by the certificate of its config.</summary>
public sealed class TlsTests(TlsTests.Fixture service) : IClassFixture<TlsTests.Fixture>
{
    [Fact]
    public async Task All_clients_speak_TLS_where_the_service_does()
    {
        Assert.Equal("https", service.ServiceClient.BaseAddress!.Scheme);
        Assert.Equal("no greeting", await service.ServiceClient.GetStringAsync("/probe?what=greeting"));
        await using var gate = service.Gate(gate => gate.SplitBytes(100));
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
        await chat.PingAsync();
        Assert.Equal(1000, (await chat.CloseAsync()).Code);
    }

    [Fact]
    public void Another_certificate_is_not_trusted()
    {
        using X509Certificate2 own = Create("own");
        using X509Certificate2 other = Create("own");
        var address = new ServiceAddress(new IPEndPoint(IPAddress.Loopback, 1), own);
        Assert.True(address.Trusts(this, own, null, System.Net.Security.SslPolicyErrors.None));
        Assert.False(address.Trusts(this, other, null, System.Net.Security.SslPolicyErrors.None));
    }

    private static X509Certificate2 Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public sealed class Fixture : ServiceFixture<Probe>
    {
        protected override void Configure(ServiceSetup setup)
        {
            using X509Certificate2 certificate = Create("probe");
            string cert = Path.Combine(setup.Folder, "cert.pem");
            string key = Path.Combine(setup.Folder, "key.pem");
            File.WriteAllText(cert, certificate.ExportCertificatePem());
            File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            setup.Variables["certificate"] = cert;
            setup.Component("server")["listener"]!["tls"] =
                new JsonObject { ["cert"] = "$certificate", ["private-key"] = key };
        }
    }
}
