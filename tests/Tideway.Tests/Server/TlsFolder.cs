using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Tideway.Server;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Server;

/// <summary>A folder with the files of a listener's TLS, and what clients see of them.</summary>
internal sealed class TlsFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public TlsConfig Config => new() { Cert = PathOf("cert.pem"), PrivateKey = PathOf("key.pem") };

    public static ServerConfig ServerWith(TlsConfig tls, ConnectionConfig? connection = null) => TestServer.Config with
    {
        Listener = TestServer.Loopback with { Tls = tls, Connection = connection ?? new() },
    };

    /// <summary>Connects, and answers the connection and the subject of the certificate that was shown.</summary>
    public static async Task<(SslStream Stream, string Subject)> ConnectAsync(
        int port, SslClientAuthenticationOptions? options = null)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, TestServer.Patience);
        var stream = new SslStream(socket.GetStream());
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost ??= "localhost";
        options.RemoteCertificateValidationCallback ??= (_, _, _, _) => true;
        try
        {
            await stream.AuthenticateAsClientAsync(options, TestServer.Patience);
            return (stream, stream.RemoteCertificate!.Subject);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects, and answers the subject of the certificate that was shown.</summary>
    public static async Task<string> SubjectAsync(int port)
    {
        (SslStream stream, string subject) = await ConnectAsync(port);
        await stream.DisposeAsync();
        return subject;
    }

    public string PathOf(string name) => _folder.PathOf(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Writes a self-signed certificate and its key.</summary>
    public TlsConfig WritePair(string name)
    {
        using X509Certificate2 certificate = TestCertificate.Create(name);
        return WritePair(certificate);
    }

    public TlsConfig WritePair(X509Certificate2 certificate)
    {
        Write("cert.pem", certificate.ExportCertificatePem());
        Write("key.pem", certificate.KeyPem());
        return Config;
    }

    public void Dispose() => _folder.Dispose();
}
