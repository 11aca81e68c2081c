using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Server;
using Tideway.Tests.Components;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Server;

public sealed class TlsMistakesTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public static TheoryData<string, string> Mistakes => new()
    {
        { "no cert", "cert: the file '{0}/cert.pem' does not exist" },
        { "no key", "private-key: the file '{0}/key.pem' does not exist" },
        { "cert is a folder", "cert: '{0}' is a folder" },
        { "cert is no PEM", "cert: '{0}/cert.pem' has no certificate in PEM" },
        { "cert is damaged", "cert: '{0}/cert.pem' has a certificate that is damaged" },
        { "cert is not for servers", "cert: the certificate CN=a in '{0}/cert.pem' is not for servers" },
        { "key is no PEM", "private-key: '{0}/key.pem' has no private key in PEM" },
        { "key is damaged", "private-key: '{0}/key.pem' has no RSA or ECDSA key that can be read" },
        { "key of another", "private-key: '{0}/key.pem' is not the key of the certificate CN=a in '{0}/cert.pem'" },
        { "no passphrase", "private-key: '{0}/key.pem' is encrypted; 'private-key-passphrase-file' or" },
        { "wrong passphrase", "private-key: '{0}/key.pem' cannot be decrypted: the passphrase is wrong" },
        { "old encryption", "private-key: '{0}/key.pem' is encrypted in a form that is not read; 'openssl pkcs8" },
        { "no passphrase file", "private-key-passphrase-file: the file '{0}/pass' does not exist" },
        { "empty passphrase file", "private-key-passphrase-file: '{0}/pass' is empty" },
        { "no variable", "private-key-passphrase-env: the environment variable 'TIDEWAY_NONE' is not set" },
        { "no CA", "ca[1]: the file '{0}/none.pem' does not exist" },
        { "CA is no PEM", "ca[0]: '{0}/ca.pem' has no certificate in PEM" },
        { "CA is no root", "ca: no certificate in these files has issued itself" },
        { "huge", "cert: '{0}/cert.pem' has 2000000 bytes, expected at most 1048576" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_option_and_file(string mistake, string message)
    {
        TlsConfig config = Make(mistake);
        var error = Assert.Throws<IOException>(
            () => new HttpServer(TlsFolder.ServerWith(config), [], NullLoggerFactory.Instance));
        string folder = Path.GetDirectoryName(_folder.PathOf("x"))!;
        Assert.StartsWith(
            "listener.tls." + message.Replace("{0}", folder, StringComparison.Ordinal),
            error.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_of_the_monitor_listener_is_told_apart()
    {
        ServerConfig config = TestServer.Config with
        {
            ListenerMonitor = TestServer.Loopback with { Tls = _folder.Config },
        };
        var error = Assert.Throws<IOException>(() => new HttpServer(config, [], NullLoggerFactory.Instance));
        Assert.StartsWith("listener-monitor.tls.cert: the file '", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "has expired, on ")]
    [InlineData(1, null)]
    public async Task An_expired_certificate_is_a_warning(int days, string? warning)
    {
        using X509Certificate2 certificate = TestCertificate.Create("old", TimeSpan.FromHours(days * 12));
        var log = new LogCapture();
        await using var server = new HttpServer(TlsFolder.ServerWith(_folder.WritePair(certificate)), [], log);
        if (warning is null)
        {
            Assert.Empty(log.At(LogLevel.Warning));
        }
        else
        {
            string line = Assert.Single(log.At(LogLevel.Warning));
            Assert.StartsWith("listener.tls.cert: the certificate CN=old in '", line, StringComparison.Ordinal);
            Assert.Contains(warning, line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    public void An_empty_list_of_authorities_is_no_way_to_do_without(string authorities)
    {
        ConfigException error = Refuse($$"""
            components_manager:
              components:
                server:
                  listener:
                    port: 0
                    tls:
                      cert: a
                      private-key: b
                      ca: {{authorities}}
            """);
        ConfigProblem problem = Assert.Single(error.Problems);
        Assert.Equal("names no file: leave it out where clients need no certificate", problem.Message);
        Assert.Equal(9, problem.Location.Line);
    }

    [Fact]
    public void Options_that_do_not_go_together_are_problems_with_places()
    {
        ConfigException error = Refuse("""
            components_manager:
              components:
                server:
                  listener:
                    port: 0
                    tls:
                      cert: c
                      private-key-passphrase-file: p
                      private-key-passphrase-env: P
                  listener-monitor:
                    port: 0
                    tls: { ca: [a] }
            """);
        const string Server = "components_manager.components.server";
        Assert.Equal(
            [
                $"{Server}.listener.tls.cert 7: 'cert' and 'private-key' go together",
                $"{Server}.listener.tls.private-key-passphrase-env 9: expected either 'private-key-passphrase-file' or "
                + "'private-key-passphrase-env', found both",
                $"{Server}.listener-monitor.tls.ca 12: without 'cert' and 'private-key' there is no TLS to ask clients "
                + "in",
            ],
            error.Problems.Select(problem => $"{problem.Path} {problem.Location.Line}: {problem.Message}"));
    }

    public void Dispose() => _folder.Dispose();

    private static ConfigException Refuse(string yaml)
    {
        using var folder = new TempFolder();
        string file = folder.Write("c.yaml", yaml);
        return Assert.Throws<ConfigException>(
            () => ServiceConfig.Load(file, new ConfigLoadOptions(), ComponentList.MinimalServer()));
    }

    private TlsConfig Make(string mistake)
    {
        using X509Certificate2 a = TestCertificate.Create("a"), b = TestCertificate.Create("b");
        TlsConfig config = _folder.WritePair(a);
        string pass = _folder.PathOf("pass"), ca = _folder.PathOf("ca.pem");
        switch (mistake)
        {
            case "no cert":
                File.Delete(config.Cert!);
                break;
            case "no key":
                File.Delete(config.PrivateKey!);
                break;
            case "cert is a folder":
                return config with { Cert = Path.GetDirectoryName(config.Cert) };
            case "cert is no PEM":
                File.WriteAllBytes(config.Cert!, a.RawData);
                break;
            case "cert is damaged":
                _folder.Write("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
                break;
            case "cert is not for servers":
                using (X509Certificate2 root = TestCertificate.CreateAuthority("root"))
                using (X509Certificate2 client = root.Issue("a", TestCertificate.ForClients)) _folder.WritePair(client);
                break;
            case "key is no PEM":
                _folder.Write("key.pem", "secret");
                break;
            case "key is damaged":
                _folder.Write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
                break;
            case "key of another":
                _folder.Write("key.pem", b.KeyPem());
                break;
            case "no passphrase":
                _folder.Write("key.pem", a.KeyPem("secret"));
                break;
            case "wrong passphrase":
                _folder.Write("key.pem", a.KeyPem("secret"));
                return config with { PrivateKeyPassphraseFile = _folder.Write("pass", "secretive\n") };
            case "old encryption":
                _folder.Write("key.pem", """
                    -----BEGIN EC PRIVATE KEY-----
                    Proc-Type: 4,ENCRYPTED
                    DEK-Info: AES-256-CBC,00000000000000000000000000000000

                    AAAA
                    -----END EC PRIVATE KEY-----
                    """);
                break;
            case "no passphrase file":
                return config with { PrivateKeyPassphraseFile = pass };
            case "empty passphrase file":
                return config with { PrivateKeyPassphraseFile = _folder.Write("pass", "\n") };
            case "no variable":
                return config with { PrivateKeyPassphraseEnv = "TIDEWAY_NONE" };
            case "no CA":
                _folder.Write("ca.pem", a.ExportCertificatePem());
                return config with { Ca = [ca, _folder.PathOf("none.pem")] };
            case "CA is no PEM":
                return config with { Ca = [_folder.Write("ca.pem", "secret")] };
            case "CA is no root":
                using (X509Certificate2 root = TestCertificate.CreateAuthority("root"))
                using (X509Certificate2 middle = root.Issue("middle", isAuthority: true))
                    return config with { Ca = [_folder.Write("ca.pem", middle.ExportCertificatePem())] };
            case "huge":
                _folder.Write("cert.pem", new string('x', 2_000_000));
                break;
        }

        return config;
    }
}
