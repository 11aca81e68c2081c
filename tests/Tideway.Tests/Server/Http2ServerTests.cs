using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tideway.Observability;
using Tideway.Server;
using Tideway.Tests.Components;
using Tideway.Tests.Observability;

namespace Tideway.Tests.Server;

public sealed class Http2ServerTests : IDisposable
{
    private readonly TlsFolder _folder = new();
    private readonly SocketsHttpHandler _sockets = new()
    {
        EnableMultipleHttp2Connections = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };

    private readonly HttpMessageInvoker _http;

    public Http2ServerTests() => _http = new HttpMessageInvoker(_sockets);

    [Theory]
    [InlineData("1.1", "1.1")]
    [InlineData("2.0", "2.0")]
    public async Task With_TLS_a_port_speaks_both_versions(string asked, string spoken)
    {
        await using TestServer server = await StartAsync(WithTls());
        using ClientWebSocket client = await ConnectAsync(server, version: asked);
        await EchoAsync(client);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{server.Port}/hello")
        {
            Version = new Version(asked),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await _http.SendAsync(request, TestServer.Patience);
        Assert.Equal(spoken, response.Version.ToString());
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(TestServer.Patience));
    }

    [Fact]
    public async Task Without_TLS_clients_have_to_know_that_it_is_HTTP_2()
    {
        var log = new LogCapture();
        ServerConfig config = TlsFolder.ServerWith(new(), new() { HttpVersion = ListenerHttpVersion.Http2 });
        await using TestServer server = await TestServer.StartAsync(config, log, null, Echo());
        Assert.StartsWith(
            "listener.connection.http-version: without TLS, 2 is HTTP/2 only",
            Assert.Single(log.At(LogLevel.Warning)),
            StringComparison.Ordinal);
        using ClientWebSocket client = await ConnectAsync(server, scheme: "ws");
        await EchoAsync(client);
        Assert.Equal(HttpStatusCode.BadRequest, await server.StatusOfAsync("/ws"));
    }

    [Fact]
    public async Task A_listener_of_1_1_does_not_speak_2()
    {
        await using TestServer server = await StartAsync(TlsFolder.ServerWith(_folder.WritePair("server")));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task Streams_whose_handlers_do_not_read_do_not_stall_the_others()
    {
        const int Silent = 7, Window = 1 << 19, Message = 1 << 16;
        await using TestServer server = await StartAsync(
            WithTls(new() { MaxConcurrentStreams = 8, InitialWindowSize = Window }),
            Echo(),
            TestServer.Talk("/silent", connection => Task.Delay(Timeout.Infinite, connection.Closing)));
        var silent = new ClientWebSocket[Silent];
        var sending = new Task[Silent];
        using ClientWebSocket client = await ConnectAsync(server);
        for (int i = 0; i < Silent; i++)
        {
            // So many fit into the window, and the next one does not: its sender waits for ever.
            silent[i] = await ConnectAsync(server, "/silent");
            for (int sent = 0; sent < (Window / Message) - 1; sent++) await SendAsync(silent[i]);
            sending[i] = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SendAsync(silent[i])));
        }

        for (int i = 0; i < 50; i++) await EchoAsync(client, 10_000);
        Assert.All(sending, task => Assert.False(task.IsCompleted));
        foreach (ClientWebSocket one in silent) one.Abort();
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(sending));
        foreach (ClientWebSocket one in silent) one.Dispose();
        await EchoAsync(client);

        static Task SendAsync(ClientWebSocket client) =>
            client.SendAsync(new byte[Message], WebSocketMessageType.Binary, true, TestServer.Patience);
    }

    [Fact]
    public async Task A_stream_more_than_allowed_waits_for_another_to_end()
    {
        await using TestServer server = await StartAsync(WithTls(new() { MaxConcurrentStreams = 2 }), Echo());
        using ClientWebSocket first = await ConnectAsync(server), second = await ConnectAsync(server);
        Task<ClientWebSocket> third = ConnectAsync(server);
        await EchoAsync(first);
        Assert.False(third.IsCompleted);
        await second.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        await EchoAsync(await third);
        (await third).Dispose();
    }

    [Fact]
    public async Task The_access_log_has_a_line_when_a_stream_is_accepted()
    {
        using var collector = new LogSocket();
        await using var logging = LoggerRegistry.Open(new LoggingConfig
        {
            Loggers = new Dictionary<string, LoggerConfig>
            {
                ["access"] = new() { FilePath = collector.Path, Format = LogFormat.Raw },
            },
        });
        using StreamReader lines = await collector.AcceptAsync(TestServer.Patience);
        ServerConfig config = WithTls() with { LoggerAccess = "access" };
        await using TestServer server = await TestServer.StartAsync(config, logging, null, Echo());
        using ClientWebSocket client = await ConnectAsync(server);
        Assert.Contains(
            "\"CONNECT /ws HTTP/2\" 200 ", await lines.ReadLineAsync(TestServer.Patience), StringComparison.Ordinal);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        await server.Server.StopAsync(TestServer.Patience);
        await logging.DisposeAsync();
        Assert.Null(await lines.ReadLineAsync(TestServer.Patience));
    }

    [Fact]
    public async Task A_stream_is_in_flight_until_it_is_accepted()
    {
        await using TestServer server =
            await StartAsync(WithTls(), Echo(new() { Path = "/ws", MaxRequestsInFlight = 1 }));
        using ClientWebSocket first = await ConnectAsync(server), second = await ConnectAsync(server);
        await EchoAsync(first);
        await EchoAsync(second);
    }

    [Fact]
    public async Task A_handler_that_takes_no_GET_takes_no_CONNECT()
    {
        await using TestServer server = await StartAsync(WithTls(), Echo(new() { Path = "/ws", Method = "POST" }));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task A_stop_closes_every_stream_with_1001_and_names_those_that_stay()
    {
        var log = new LogCapture();
        using var never = new CancellationTokenSource();
        Handler stubborn = TestServer.Talk("/stubborn", async connection =>
        {
            await connection.SendTextAsync("here");
            await Task.Delay(Timeout.Infinite, never.Token);
        });
        ServerConfig config = WithTls() with { ShutdownTimeout = TimeSpan.FromMilliseconds(200) };
        await using TestServer server = await TestServer.StartAsync(config, log, null, stubborn);
        using ClientWebSocket first = await ConnectAsync(server, "/stubborn");
        using ClientWebSocket second = await ConnectAsync(server, "/stubborn");
        foreach (ClientWebSocket client in new[] { first, second })
            await client.ReceiveAsync(new byte[10], TestServer.Patience);
        Task stopping = server.Server.StopAsync(TestServer.Patience);
        foreach (ClientWebSocket client in new[] { first, second })
        {
            WebSocketReceiveResult close = await client.ReceiveAsync(new byte[10], TestServer.Patience);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, close.CloseStatus);
        }

        await stopping.WaitAsync(TestServer.Patience);
        Assert.Contains(
            log.Of("server"),
            line => line.StartsWith(
                "Handler 'talk' has not ended in time (shutdown-timeout), connections cut: 2 (",
                StringComparison.Ordinal));
        await never.CancelAsync();
    }

    [Fact]
    public async Task A_flood_of_streams_that_are_reset_at_once_is_cut_and_told_of_in_a_line_a_second()
    {
        var log = new LogCapture();
        ServerConfig config = TlsFolder.ServerWith(new(), new() { HttpVersion = ListenerHttpVersion.Http2 });
        await using TestServer server = await TestServer.StartAsync(config, log, null, Echo());
        var time = Stopwatch.StartNew();
        while (!Told().Any() || time.Elapsed < TimeSpan.FromSeconds(1))
        {
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(60), "no connection was cut");
            await FloodAsync(server.Port);
        }

        Assert.True(Told().Count() <= time.Elapsed.TotalSeconds + 1, $"{Told().Count()} lines in {time.Elapsed}");
        using ClientWebSocket client = await ConnectAsync(server, scheme: "ws");
        await EchoAsync(client);

        IEnumerable<string> Told() => log.At(LogLevel.Warning).Where(
            line => line.Contains("exceeded the output operations maximum queue size", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    /// <summary>Opens 5,000 streams of one connection, and resets each at once (RFC 9113 §6.4).</summary>
    private static async Task FloodAsync(int port)
    {
        // As indexes of the static table (RFC 7541, appendix A): GET, http, /; and an authority.
        byte[] head = [0x82, 0x86, 0x84, 0x41, 1, (byte)'x'];
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, TestServer.Patience);
        try
        {
            await socket.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), TestServer.Patience);
            await socket.SendAsync(Frame(type: 4, flags: 0, stream: 0, []), TestServer.Patience);
            for (int stream = 1; stream < 10_000; stream += 2)
            {
                byte[] headers = Frame(type: 1, flags: 5, stream, head);
                byte[] reset = Frame(type: 3, flags: 0, stream, new byte[4]);
                await socket.SendAsync((byte[])[.. headers, .. reset], TestServer.Patience);
            }
        }
        catch (SocketException)
        {
            // It was cut.
        }

        static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
            [0, 0, (byte)payload.Length, type, flags, 0, 0, (byte)(stream >> 8), (byte)stream, .. payload];
    }

    private static Handler Echo(WebSocketHandlerConfig? config = null) => TestServer.Talk(
        "/ws",
        async connection =>
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
        },
        config);

    private static async Task EchoAsync(ClientWebSocket client, int length = 1000)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(length), received = new byte[length];
        await client.SendAsync(sent, WebSocketMessageType.Binary, true, TestServer.Patience);
        int have = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(received.AsMemory(have), TestServer.Patience);
            have += result.Count;
        }
        while (!result.EndOfMessage);
        Assert.Equal(sent, received);
    }

    private static Task<TestServer> StartAsync(ServerConfig config, params Handler[] handlers) => TestServer.StartAsync(
        config,
        handlers.Length > 0
            ? handlers
            : [Echo(), TestServer.Answer(new() { Path = "/hello" }, http => http.Response.WriteAsync("hello"))]);

    private ServerConfig WithTls(Http2SessionConfig? session = null) => TlsFolder.ServerWith(
        _folder.WritePair("server"),
        new() { HttpVersion = ListenerHttpVersion.Http2, Http2Session = session ?? new() });

    private async Task<ClientWebSocket> ConnectAsync(
        TestServer server, string path = "/ws", string scheme = "wss", string version = "2.0")
    {
        var client = new ClientWebSocket();
        client.Options.HttpVersion = new Version(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await client.ConnectAsync(new Uri($"{scheme}://127.0.0.1:{server.Port}{path}"), _http, TestServer.Patience);
        return client;
    }
}
