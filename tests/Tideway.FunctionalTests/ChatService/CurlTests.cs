using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>Drives the service over TLS with <c>curl</c>, where it is installed.</summary>
public sealed class CurlTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tideway-").FullName;

    [Theory]
    [InlineData("--http1.1", "1.1 200")]
    [InlineData("--http2", "2 200")]
    public async Task Both_versions_of_HTTP_are_spoken_over_TLS(string option, string expected)
    {
        (int found, string features) = await RunAsync("--version");
        Assert.SkipUnless(
            found == 0 && features.Contains("HTTP2", StringComparison.Ordinal),
            "NOT RUN: there is no 'curl' with HTTP/2 here.");
        await using ChatProcess service = await ChatProcess.StartAsync(ChatProcess.SampleConfig.Replace(
            "port: 0",
            $$"""
            port: 0
                    tls: { cert: {{WriteCertificate()}}, private-key: {{Path.Combine(_directory, "key.pem")}} }
                    connection: { http-version: 2 }
            """,
            StringComparison.Ordinal));
        (int exitCode, string output) = await RunAsync(
            "-sS", option, "--cacert", WriteCertificate(), "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
            $"https://127.0.0.1:{service.Port}/");
        Assert.Equal((0, expected), (exitCode, output));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        try
        {
            (int exitCode, string output, _) = await ProgramRun.RunAsync(new ProcessStartInfo("curl", arguments));
            return (exitCode, output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }

    private string WriteCertificate()
    {
        string path = Path.Combine(_directory, "cert.pem");
        if (File.Exists(path)) return path;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=chat", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate =
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }
}
