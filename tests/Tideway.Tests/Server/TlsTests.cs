using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tideway.Server;
using Tideway.Tests.Components;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

public sealed class TlsTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    [Theory]
    [InlineData("first", true)]
    [InlineData("second", true)]
    [InlineData("by way of another", true)]
    [InlineData("a stranger", false)]
    [InlineData("of a server", false)]
    [InlineData("none", false)]
    public async Task Only_clients_with_a_certificate_of_an_authority_of_the_list_come_in(string who, bool comesIn)
    {
        using X509Certificate2 first = TestCertificate.CreateAuthority("first"),
            second = TestCertificate.CreateAuthority("second"),
            stranger = TestCertificate.CreateAuthority("first"),
            middle = first.Issue("middle", isAuthority: true);
        TlsConfig config = _folder.WritePair("server") with
        {
            Ca =
            [
                _folder.Write("first.pem", first.ExportCertificatePem() + "\n" + middle.ExportCertificatePem()),
                _folder.Write("second.pem", second.ExportCertificatePem()),
            ],
        };
        using X509Certificate2? shown = who switch
        {
            "first" => first.Issue("ada", TestCertificate.ForClients),
            "second" => second.Issue("ada", TestCertificate.ForClients),
            "by way of another" => middle.Issue("ada", TestCertificate.ForClients),
            "a stranger" => stranger.Issue("ada", TestCertificate.ForClients),
            "of a server" => first.Issue("ada"),
            _ => null,
        };
        await using TestServer server = await StartAsync(config);
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (shown is not null) client.Options.ClientCertificates.Add(shown);
        Task connecting = client.ConnectAsync(new Uri($"wss://127.0.0.1:{server.Port}/ws"), TestServer.Patience);
        if (comesIn) await connecting;
        else await Assert.ThrowsAsync<WebSocketException>(() => connecting);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12, SslProtocols.Tls12, true)]
    [InlineData(TlsVersion.Tls12, SslProtocols.Tls13, true)]
    [InlineData(TlsVersion.Tls13, SslProtocols.Tls12, false)]
    [InlineData(TlsVersion.Tls13, SslProtocols.Tls13, true)]
    public async Task Versions_below_the_least_are_refused(TlsVersion least, SslProtocols spoken, bool comesIn)
    {
        await using TestServer server = await StartAsync(_folder.WritePair("server") with { MinVersion = least });
        Task<(SslStream Stream, string)> connecting =
            TlsFolder.ConnectAsync(server.Port, new() { EnabledSslProtocols = spoken });
        if (comesIn) await (await connecting).Stream.DisposeAsync();
        else await Assert.ThrowsAnyAsync<Exception>(() => connecting);
    }

    [Theory]
    [InlineData(ListenerHttpVersion.Http11, "http/1.1")]
    [InlineData(ListenerHttpVersion.Http2, "h2")]
    public async Task What_is_offered_is_what_the_config_says(ListenerHttpVersion version, string chosen)
    {
        await using TestServer server =
            await StartAsync(_folder.WritePair("server"), new ConnectionConfig { HttpVersion = version });
        (SslStream stream, _) = await TlsFolder.ConnectAsync(
            server.Port,
            new() { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });
        Assert.Equal(chosen, stream.NegotiatedApplicationProtocol.ToString());
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_tells_of_connections_that_have_not_become_requests_and_cuts_them()
    {
        var log = new LogCapture();
        ServerConfig config = TlsFolder.ServerWith(_folder.WritePair("server")) with
        {
            ShutdownTimeout = TimeSpan.FromMilliseconds(200),
        };
        await using TestServer server = await TestServer.StartAsync(config, log, null);
        using TcpClient silent = await server.SendRawAsync([0x16]);
        await server.Server.StopAsync(TestServer.Patience);
        Assert.Contains(
            "Connections on which no handler runs have not ended in time (shutdown-timeout), and are cut",
            log.Of("server"));
    }

    [Fact]
    public async Task A_key_is_decrypted_with_the_passphrase_of_a_variable()
    {
        using X509Certificate2 certificate = TestCertificate.Create("server");
        string variable = $"TIDEWAY_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, "secret");
        TlsConfig config = _folder.WritePair(certificate) with { PrivateKeyPassphraseEnv = variable };
        _folder.Write("key.pem", certificate.KeyPem("secret"));
        await using TestServer server = await StartAsync(config);
        Environment.SetEnvironmentVariable(variable, null);
        Assert.Equal("CN=server", await TlsFolder.SubjectAsync(server.Port));
    }

    [Fact]
    public async Task The_monitor_listener_has_a_TLS_of_its_own()
    {
        ServerConfig config = TestServer.Config with
        {
            ListenerMonitor = TestServer.Loopback with { Tls = _folder.WritePair("monitor") },
        };
        await using TestServer server = await TestServer.StartAsync(config);
        var monitor = new Uri(server.Server.MonitorAddresses.Single());
        Assert.Equal("https", monitor.Scheme);
        Assert.Equal("CN=monitor", await TlsFolder.SubjectAsync(monitor.Port));
    }

    [Theory]
    [InlineData(ListenerHttpVersion.Http11, ListenerTransport.Auto)]
    [InlineData(ListenerHttpVersion.Http2, ListenerTransport.Auto)]
    [InlineData(ListenerHttpVersion.Http11, ListenerTransport.EventLoop)]
    [InlineData(ListenerHttpVersion.Http2, ListenerTransport.EventLoop)]
    public async Task Both_ends_send_much_at_once(ListenerHttpVersion version, ListenerTransport transport)
    {
        const int Messages = 24, Size = 1_000_000;
        long taken = 0;
        Handler handler = TestServer.Talk(
            "/ws",
            async connection =>
            {
                Task sending = SendAsync(connection);
                for (int i = 0; i < Messages; i++) taken += (await connection.ReceiveAsync()).Data.Length;
                await sending;
            },
            new() { Path = "/ws", MaxRemotePayload = Size });
        ServerConfig config =
            TlsFolder.ServerWith(_folder.WritePair("server"), new ConnectionConfig { HttpVersion = version });
        await using TestServer server = await TestServer.StartAsync(
            config with { Listener = config.Listener with { Transport = transport } }, handler);
        using var http = new HttpMessageInvoker(
            new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = version == ListenerHttpVersion.Http2 ? new Version(2, 0) : new Version(1, 1);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await client.ConnectAsync(new Uri($"wss://127.0.0.1:{server.Port}/ws"), http, TestServer.Patience);

        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++)
                await client.SendAsync(new byte[Size], WebSocketMessageType.Binary, true, TestServer.Patience);
        });
        byte[] buffer = new byte[1 << 16];
        long received = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer.AsMemory(), TestServer.Patience);
            received += result.Count;
        }
        while (result.MessageType != WebSocketMessageType.Close);
        await sending;
        Assert.Equal(((long)Messages * Size, (long)Messages * Size), (received, taken));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);

        static async Task SendAsync(WebSocketConnection connection)
        {
            for (int i = 0; i < Messages; i++) await connection.SendBinaryAsync(new byte[Size]);
        }
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_counted()
    {
        ServerConfig config = TlsFolder.ServerWith(_folder.WritePair("server"));
        await using TestServer server =
            await TestServer.StartAsync(config with { Listener = config.Listener with { MaxConnections = 1 } });
        (SslStream first, _) = await TlsFolder.ConnectAsync(server.Port);
        await Assert.ThrowsAnyAsync<Exception>(() => TlsFolder.ConnectAsync(server.Port));
        Assert.Equal(1, server.Read("tideway.listener.connections.refused"));
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_begin_its_handshake_is_cut()
    {
        await using TestServer server = await StartAsync(
            _folder.WritePair("server"), new ConnectionConfig { HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        using TcpClient silent = await server.SendRawAsync([0x16]);
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[10], TestServer.Patience));
    }

    [Fact]
    public async Task A_client_that_says_nothing_behind_its_handshake_is_cut()
    {
        await using TestServer server = await StartAsync(
            _folder.WritePair("server"), new ConnectionConfig { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        (SslStream stream, _) = await TlsFolder.ConnectAsync(server.Port);
        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[10], TestServer.Patience));
        }
        catch (IOException)
        {
            // A reset says the same.
        }

        Assert.Equal(1, server.Read("tideway.listener.connections.silent"));
        await stream.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    private static Task<TestServer> StartAsync(TlsConfig tls, ConnectionConfig? connection = null) =>
        TestServer.StartAsync(
            TlsFolder.ServerWith(tls, connection),
            TestServer.Talk("/ws", async talk => await talk.ReceiveAsync()));
}
