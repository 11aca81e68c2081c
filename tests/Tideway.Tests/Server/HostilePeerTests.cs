using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Tests.Server;

/// <summary>The rows of docs/security.md, each on real sockets: what an attacker gets, and which metric shows
/// it.</summary>
public sealed class HostilePeerTests : IAsyncLifetime
{
    private const string Handshake =
        "GET /talk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static readonly TimeSpan _short = TimeSpan.FromSeconds(0.5);
    private readonly string _name = $"hostile-{Guid.NewGuid():N}";
    private readonly List<Socket> _sockets = [];
    private TestServer? _server;
    private TaskProcessors? _processors;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _processors?.Dispose();
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_cut()
    {
        await StartAsync(connection: new() { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        Socket socket = await ConnectAsync("");
        await ReadToEndAsync(socket);
        Assert.Equal(1, MetricReader.Read("tideway.loop.sockets.silent", ("task_processor", _name)));
    }

    [Fact]
    public async Task A_flood_of_messages_is_read_no_faster_than_it_may_be()
    {
        await StartAsync(new() { Path = "/talk", MaxMessagesPerSecond = 10 });
        Socket socket = await OpenAsync();
        byte[] message = Frame(Opcode.Binary, [1]);
        for (int i = 0; i < 11; i++) socket.Send(message);
        byte[] answers = new byte[3 * 11];
        await using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(answers, TestServer.Patience);
        Assert.Equal(1, MetricReader.Read("tideway.websocket.peers.throttled", ("handler", _name)));
    }

    [Fact]
    public async Task A_storm_of_handshakes_does_not_get_beyond_the_limit_of_the_handler()
    {
        const int Storm = 50;
        await StartAsync(new() { Path = "/talk", MaxConnections = 3 });
        await Task.WhenAll(Enumerable.Range(0, Storm).Select(_ => ConnectAsync(Handshake)));
        await UntilAsync(
            () => MetricReader.Read("tideway.websocket.connections.refused", ("handler", _name)) >= Storm - 3);
        Assert.Equal(3, MetricReader.Read("tideway.websocket.connections.open", ("handler", _name)));
        Assert.Equal(3, MetricReader.Read("tideway.websocket.connections.opened", ("handler", _name)));
    }

    [Fact]
    public async Task A_handshake_that_trickles_in_is_refused_with_408()
    {
        using var ends = new ErrorTypes();
        await StartAsync(connection: new() { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        Socket socket = await ConnectAsync("GET /talk HTTP/1.1\r\nHost: x\r\nX: ");
        Task<string> answer = ReadToEndAsync(socket);
        while (!answer.IsCompleted)
        {
            socket.Send("x"u8, SocketFlags.None, out SocketError _);
            await Task.WhenAny(answer, Task.Delay(20, TestServer.Patience));
        }

        Assert.StartsWith("HTTP/1.1 408 ", await answer, StringComparison.Ordinal);
        await ends.UntilAsync("request_headers_timeout", Port);
    }

    [Theory]
    [InlineData(70_000, 1, "max_request_headers_total_size_exceeded")]
    [InlineData(1, 101, "max_request_header_count_exceeded")]
    public async Task A_flood_of_headers_is_refused_with_431(int length, int count, string error)
    {
        using var ends = new ErrorTypes();
        await StartAsync();
        string headers = string.Concat(Enumerable.Repeat($"X: {new string('x', length)}\r\n", count));
        Socket socket = await ConnectAsync($"GET /talk HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", await ReadToEndAsync(socket), StringComparison.Ordinal);
        await ends.UntilAsync(error, Port);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_as_they_come()
    {
        await StartAsync(maxConnections: 3);
        for (int i = 0; i < 3; i++) await OpenAsync();
        for (int i = 0; i < 20; i++) await ReadToEndAsync(await ConnectAsync(""));
        Assert.Equal(20, MetricReader.Read("tideway.loop.connections.refused", ("task_processor", _name)));
        Assert.Equal(3, MetricReader.Read("tideway.websocket.connections.open", ("handler", _name)));
    }

    [Fact]
    public async Task A_length_that_is_only_declared_takes_no_memory()
    {
        await StartAsync();
        Socket socket = await OpenAsync();
        socket.Send([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]);
        Assert.Equal(1009, await ReadCloseAsync(socket));
        socket.Dispose();
        await UntilEndedAsync("local", "max-remote-payload");
    }

    [Fact]
    public async Task Fragments_without_end_are_closed_at_the_limit_of_a_message()
    {
        await StartAsync();
        Socket socket = await OpenAsync();
        socket.Send(Frame(Opcode.Binary, new byte[1000], fin: false));
        for (int i = 0; i < 65; i++) socket.Send(Frame(Opcode.Continuation, new byte[1000], fin: false));
        Assert.Equal(1009, await ReadCloseAsync(socket));
        socket.Dispose();
        await UntilEndedAsync("local", "max-remote-payload");
    }

    [Fact]
    public async Task Empty_fragments_without_end_are_closed()
    {
        await StartAsync();
        Socket socket = await OpenAsync();
        socket.Send(Frame(Opcode.Binary, [], fin: false));
        for (int i = 0; i < 256; i++) socket.Send(Frame(Opcode.Continuation, [], fin: false));
        Assert.Equal(1008, await ReadCloseAsync(socket));
        socket.Dispose();
        await UntilEndedAsync("local", "flood");
    }

    [Fact]
    public async Task A_flood_of_pings_is_closed()
    {
        await StartAsync(new() { Path = "/talk", MaxControlFramesPerSecond = 100 });
        Socket socket = await OpenAsync();
        byte[] ping = Frame(Opcode.Ping, []);
        socket.Send(Enumerable.Repeat(ping, 101).SelectMany(bytes => bytes).ToArray());
        Assert.Equal(1008, await ReadCloseAsync(socket));
        socket.Dispose();
        await UntilEndedAsync("local", "flood");
    }

    [Fact]
    public async Task A_message_that_trickles_in_is_closed()
    {
        await StartAsync(new() { Path = "/talk", MessageTimeout = _short });
        Socket socket = await OpenAsync();
        byte[] frame = Frame(Opcode.Binary, new byte[60_000]);
        Task<int> close = ReadCloseAsync(socket);
        for (int i = 0; !close.IsCompleted; i++)
        {
            socket.Send(frame.AsSpan(i, 1), SocketFlags.None, out SocketError _);
            await Task.WhenAny(close, Task.Delay(20, TestServer.Patience));
        }

        Assert.Equal(1008, await close);
        socket.Dispose();
        await UntilEndedAsync("local", "message-timeout");
    }

    [Fact]
    public async Task A_peer_that_is_gone_without_a_word_is_cut()
    {
        await StartAsync(new() { Path = "/talk", PingInterval = _short, PingTimeout = _short });
        await OpenAsync();
        await UntilEndedAsync("transport", "ping-timeout");
        Assert.Equal(0, MetricReader.Read("tideway.websocket.connections.open", ("handler", _name)));
    }

    [Fact]
    public async Task A_peer_that_never_reads_is_closed_if_the_policy_says_so()
    {
        var config = new WebSocketHandlerConfig
        {
            Path = "/talk",
            SendBacklogPolicy = SlowConsumerPolicy.Close,
            SendBacklogLimit = 10_000,
            CloseTimeout = _short,
        };
        await StartAsync(config, talk: async connection =>
        {
            byte[] data = new byte[5000];
            while (true) await connection.SendBinaryAsync(data);
        });
        await OpenAsync();
        await UntilEndedAsync("local", "send-backlog");
    }

    [Fact]
    public async Task A_storm_of_resets_leaves_nothing_behind()
    {
        const int Storm = 300;
        await StartAsync();
        for (int i = 0; i < Storm; i++)
        {
            using Socket socket = await OpenAsync();
            socket.LingerState = new LingerOption(true, 0);
        }

        // Only the listener is left. Some were gone before they were WebSockets.
        await UntilAsync(() => MetricReader.Read("tideway.loop.sockets.open", ("task_processor", _name)) <= 1);
        await UntilEndedAsync("transport", "lost");
        await UntilAsync(() => MetricReader.Read("tideway.websocket.connections.open", ("handler", _name)) <= 0);
        Assert.Equal(
            MetricReader.Read("tideway.websocket.connections.opened", ("handler", _name)), Ended("transport", "lost"));
        Socket last = await OpenAsync();
        last.Send(Frame(Opcode.Text, "alive"u8.ToArray()));
        byte[] answer = new byte[7];
        Assert.Equal(7, await last.ReceiveAsync(answer, TestServer.Patience));
    }

    private int Port => _server!.Port;

    private async Task StartAsync(
        WebSocketHandlerConfig? config = null,
        Func<WebSocketConnection, Task>? talk = null,
        ConnectionConfig? connection = null,
        int maxConnections = 1000)
    {
        _processors = new TaskProcessors(new ComponentContext("manager")
        {
            Manager = new ManagerConfig
            {
                DefaultTaskProcessor = _name,
                TaskProcessors = new Dictionary<string, TaskProcessorConfig> { [_name] = new() { WorkerThreads = 1 } },
            },
        });
        var server = new ServerConfig
        {
            Listener = TestServer.Loopback with
            {
                Connection = connection ?? new(),
                MaxConnections = maxConnections,
            },
        };
        var handler = new Talk(config ?? new() { Path = "/talk" }, _name, talk ?? EchoAsync);
        _server = new TestServer(new HttpServer(server, [handler], NullLoggerFactory.Instance, null, _processors));
        await _server.Server.StartAsync(TestServer.Patience);
    }

    private async Task<Socket> ConnectAsync(string request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), TestServer.Patience);
        if (request.Length > 0) await socket.SendAsync(Encoding.ASCII.GetBytes(request), TestServer.Patience);
        return socket;
    }

    private async Task<Socket> OpenAsync()
    {
        Socket socket = await ConnectAsync(Handshake);
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, await socket.ReceiveAsync(one, TestServer.Patience));
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", head.ToString(), StringComparison.Ordinal);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var all = new StringBuilder();
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, TestServer.Patience) is var length and > 0)
                all.Append(Encoding.Latin1.GetString(buffer.AsSpan(0, length)));
        }
        catch (SocketException)
        {
            // A reset says the same.
        }

        return all.ToString();
    }

    /// <summary>Reads to a close frame, past pongs without payload, and answers its code.</summary>
    private static async Task<int> ReadCloseAsync(Socket socket)
    {
        byte[] two = new byte[2];
        await using var stream = new NetworkStream(socket);
        while (true)
        {
            await stream.ReadExactlyAsync(two, TestServer.Patience);
            if (two[0] == 0x88) break;
            Assert.Equal([0x8A, 0], two);
        }

        await stream.ReadExactlyAsync(two, TestServer.Patience);
        return (two[0] << 8) | two[1];
    }

    private Task UntilEndedAsync(string origin, string cause) => UntilAsync(() => Ended(origin, cause) != 0);

    private static async Task UntilAsync(Func<bool> condition)
    {
        CancellationToken patience = TestServer.Patience;
        while (!condition()) await Task.Delay(10, patience);
    }

    private long Ended(string origin, string cause) => MetricReader.Read(
        "tideway.websocket.connections.ended", ("handler", _name), ("origin", origin), ("cause", cause));

    private static byte[] Frame(Opcode opcode, byte[] payload, bool fin = true)
    {
        var header = new FrameHeader(fin, opcode, masked: true, 0, payload.Length);
        byte[] frame = new byte[header.Length + payload.Length];
        payload.CopyTo(frame, header.Write(frame));
        return frame;
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private sealed class Talk(WebSocketHandlerConfig config, string name, Func<WebSocketConnection, Task> talk)
        : WebSocketHandler(config, new ComponentContext(name))
    {
        protected override Task HandleAsync(WebSocketConnection connection, RequestContext request) => talk(connection);
    }

    /// <summary>Why the web server ended connections, as its own meter has it.</summary>
    private sealed class ErrorTypes : IDisposable
    {
        private readonly ConcurrentQueue<(string? Error, int? Port)> _seen = [];
        private readonly MeterListener _listener = new();

        public ErrorTypes()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.connection.duration") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                Dictionary<string, object?> byName = tags.ToArray().ToDictionary();
                _seen.Enqueue((byName.GetValueOrDefault("error.type") as string, (int?)byName["server.port"]));
            });
            _listener.Start();
        }

        public async Task UntilAsync(string error, int port)
        {
            CancellationToken patience = TestServer.Patience;
            while (!_seen.Contains((error, port)))
            {
                Assert.False(patience.IsCancellationRequested, $"{error} at {port} in {string.Join(", ", _seen)}");
                await Task.Delay(10, CancellationToken.None);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
