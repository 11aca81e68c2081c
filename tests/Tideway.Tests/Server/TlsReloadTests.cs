using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Server;
using Tideway.Tests.Components;

namespace Tideway.Tests.Server;

public sealed class TlsReloadTests : IDisposable
{
    private readonly TlsFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogCapture _log = new();

    [Fact]
    public async Task New_files_are_for_new_connections_and_open_ones_live_on()
    {
        await using TestServer server = await StartAsync(_folder.WritePair("first"));
        using ClientWebSocket open = await ConnectAsync(server);
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));

        _folder.WritePair("second");
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(_log.At(LogLevel.Error));
        Assert.Equal("CN=second", await TlsFolder.SubjectAsync(server.Port));
        Assert.Contains(
            "listener.tls: new connections get the new certificate, CN=second, valid until ",
            Assert.Single(_log.At(LogLevel.Information), line => line.Contains("tls", StringComparison.Ordinal)),
            StringComparison.Ordinal);

        await open.SendAsync("still"u8.ToArray(), WebSocketMessageType.Text, true, TestServer.Patience);
        Assert.Equal(5, (await open.ReceiveAsync(new byte[10], TestServer.Patience)).Count);
    }

    [Fact]
    public async Task The_swapped_links_of_a_mounted_secret_are_followed()
    {
        WriteVersion("..v1", "first");
        WriteVersion("..v2", "second");
        Directory.CreateSymbolicLink(_folder.PathOf("..data"), "..v1");
        File.CreateSymbolicLink(_folder.PathOf("cert.pem"), Path.Combine("..data", "cert.pem"));
        File.CreateSymbolicLink(_folder.PathOf("key.pem"), Path.Combine("..data", "key.pem"));
        await using TestServer server = await StartAsync(_folder.Config);
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));

        Directory.Delete(_folder.PathOf("..data"));
        Directory.CreateSymbolicLink(_folder.PathOf("..data"), "..v2");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=second", await TlsFolder.SubjectAsync(server.Port));
    }

    [Fact]
    public async Task Files_that_do_not_fit_are_reported_once_and_the_old_ones_stay()
    {
        await using TestServer server = await StartAsync(_folder.WritePair("first"));
        string key = await File.ReadAllTextAsync(_folder.PathOf("key.pem"), TestServer.Patience);
        _folder.WritePair("second");
        string newKey = await File.ReadAllTextAsync(_folder.PathOf("key.pem"), TestServer.Patience);

        _folder.Write("key.pem", key);
        for (int i = 0; i < 3; i++) _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));
        Assert.Equal(1, server.Read("tideway.tls.reloads.failed"));
        string line = Assert.Single(_log.At(LogLevel.Error));
        Assert.StartsWith("listener.tls.private-key: '", line, StringComparison.Ordinal);
        Assert.EndsWith("get the certificate that was read before, CN=first", line, StringComparison.Ordinal);

        File.Delete(_folder.PathOf("key.pem"));
        for (int i = 0; i < 3; i++) _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));
        Assert.Equal(2, server.Read("tideway.tls.reloads.failed"));

        _folder.Write("key.pem", newKey);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=second", await TlsFolder.SubjectAsync(server.Port));
        Assert.Equal(1, server.Read("tideway.tls.reloads"));
        Assert.Equal(2, server.Read("tideway.tls.reloads.failed"));
    }

    [Fact]
    public async Task A_new_passphrase_comes_with_its_key()
    {
        using X509Certificate2 first = TestCertificate.Create("first"), second = TestCertificate.Create("second");
        TlsConfig config = _folder.WritePair(first) with { PrivateKeyPassphraseFile = _folder.Write("pass", "one\n") };
        _folder.Write("key.pem", first.KeyPem("one"));
        await using TestServer server = await StartAsync(config);
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));

        _folder.WritePair(second);
        _folder.Write("key.pem", second.KeyPem("two"));
        _folder.Write("pass", "two\r\n");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=second", await TlsFolder.SubjectAsync(server.Port));
    }

    [Fact]
    public async Task The_time_to_the_expiry_is_a_metric()
    {
        using X509Certificate2 certificate = TestCertificate.Create("a", TimeSpan.FromHours(2));
        await using TestServer server = await StartAsync(_folder.WritePair(certificate));
        Assert.InRange(server.Read("tideway.tls.certificate.expires_in"), 7100, 7200);
        _time.Advance(TimeSpan.FromHours(3));
        Assert.InRange(server.Read("tideway.tls.certificate.expires_in"), -3700, -3600);
    }

    [Fact]
    public async Task An_interval_of_0_never_looks()
    {
        await using TestServer server =
            await StartAsync(_folder.WritePair("first") with { ReloadInterval = TimeSpan.Zero });
        _folder.WritePair("second");
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("CN=first", await TlsFolder.SubjectAsync(server.Port));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server)
    {
        var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await client.ConnectAsync(new Uri($"wss://127.0.0.1:{server.Port}/ws"), TestServer.Patience);
        return client;
    }

    private void WriteVersion(string folder, string name)
    {
        using X509Certificate2 certificate = TestCertificate.Create(name);
        Directory.CreateDirectory(_folder.PathOf(folder));
        _folder.Write(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        _folder.Write(Path.Combine(folder, "key.pem"), certificate.KeyPem());
    }

    private Task<TestServer> StartAsync(TlsConfig config) => TestServer.StartAsync(
        TlsFolder.ServerWith(config),
        _log,
        _time,
        TestServer.Talk("/ws", async connection =>
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
        }));
}
