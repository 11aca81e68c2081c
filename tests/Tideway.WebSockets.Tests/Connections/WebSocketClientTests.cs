using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>The client against servers that answer byte by byte, wrongly, too much, too late or not at all.</summary>
public sealed class WebSocketClientTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly EventLoopGroup _loops = new("client-test", 1);
    private readonly ScriptedServer _server = new();

    [Fact]
    public async Task The_request_is_what_RFC_6455_asks_for_with_the_headers_of_the_options()
    {
        WebSocketClientOptions options = Options(subprotocols: ["v2", "v1"]);
        options.Headers["Authorization"] = "Bearer secret";
        Task<WebSocketConnection> connecting = ConnectAsync(options);
        (string head, string key) = await _server.ReadRequestAsync();
        await _server.SendAsync(ScriptedServer.Acceptance(key, "Sec-WebSocket-Protocol: v1\r\n"));
        await using WebSocketConnection connection = await connecting.WaitAsync(_patience);

        Assert.Equal(
            [
                "GET /chat?room=1 HTTP/1.1",
                $"Host: {_server.Uri.Authority}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", $"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: v2, v1",
                "Authorization: Bearer secret", "", "",
            ],
            head.Split("\r\n"));
        Assert.Equal("v1", connection.Subprotocol);
        connection.Abort();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_behind_the_answer_is_received_wherever_the_bytes_are_split(bool withFin)
    {
        string frames = Encoding.Latin1.GetString(
            [
                .. RawPeer.Frame(Opcode.Text, "first"u8, masked: false),
                .. RawPeer.Frame(Opcode.Text, "second"u8, masked: false),
            ]);
        int length = ScriptedServer.Acceptance("dGhlIHNhbXBsZSBub25jZQ==").Length + frames.Length;
        for (int split = 0; split <= length; split++)
        {
            using var server = new ScriptedServer();
            Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(server.Uri, Options());
            string bytes = ScriptedServer.Acceptance((await server.ReadRequestAsync()).Key) + frames;
            await server.SendAsync(bytes[..split]);
            await Task.Yield();
            await server.SendAsync(bytes[split..]);
            if (withFin) server.Client.Shutdown(SocketShutdown.Send);
            WebSocketConnection connection = await connecting.WaitAsync(_patience);

            Assert.Equal("first", (await connection.ReceiveAsync().AsTask().WaitAsync(_patience)).ToString());
            Assert.Equal("second", (await connection.ReceiveAsync().AsTask().WaitAsync(_patience)).ToString());
            connection.Abort();
        }

        await AssertNoSocketIsLeftAsync();
    }

    [Fact]
    public async Task A_refusal_is_reported_with_its_status_and_without_the_query_of_the_address()
    {
        ConnectionFailedException failure = await FailAsync(
            _ => "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope");
        Assert.Equal(403, failure.StatusCode);
        Assert.Equal(
            $"The WebSocket connection to {_server.Uri.GetLeftPart(UriPartial.Path)} failed: "
            + "the server answered 403 Forbidden.",
            failure.Message);
        Assert.DoesNotContain("room", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Sec-WebSocket-Accept")]
    [InlineData(
        "HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
        "Sec-WebSocket-Accept")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP/1.1")]
    [InlineData("HTTP/2 101 OK\r\n\r\n", "not HTTP/1.1")]
    [InlineData("HTTP/1.1 1x1 OK\r\n\r\n", "status line")]
    [InlineData("HTTP/1.0 101 Switching Protocols\r\n\r\n", "status line")]
    public async Task A_wrong_answer_is_refused(string answer, string reason)
    {
        ConnectionFailedException failure = await FailAsync(_ => answer);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.StatusCode);
    }

    [Fact]
    public async Task An_endless_head_is_given_up_at_16_KiB()
    {
        ConnectionFailedException failure =
            await FailAsync(_ => "HTTP/1.1 101 Yes\r\nA: " + new string('a', 16 * 1024));
        Assert.Contains("longer than 16384 bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_closes_before_it_answers_is_reported()
    {
        Task<WebSocketConnection> connecting = ConnectAsync(Options());
        await _server.ReadRequestAsync();
        _server.Client.Shutdown(SocketShutdown.Both);
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting.WaitAsync(_patience));
        Assert.Contains("closed the connection before it answered", failure.Message, StringComparison.Ordinal);
        await AssertNoSocketIsLeftAsync();
    }

    [Fact]
    public async Task A_refused_connect_is_reported_with_its_address()
    {
        int port = _server.Uri.Port;
        _server.Dispose();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => ConnectAsync(Options()).WaitAsync(_patience));
        Assert.Contains(
            $"Cannot connect to 127.0.0.1:{port}: Connection refused", failure.Message, StringComparison.Ordinal);
        Assert.Equal(SocketError.ConnectionRefused, ((SocketException)failure.InnerException!).SocketErrorCode);
        await AssertNoSocketIsLeftAsync();
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_time_out()
    {
        Task<WebSocketConnection> connecting = ConnectAsync(Options(timeout: TimeSpan.FromMilliseconds(50)));
        await _server.ReadRequestAsync();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting.WaitAsync(_patience));
        Assert.Contains("no answer within 0.05 s", failure.Message, StringComparison.Ordinal);
        await _server.WaitForEndAsync();
        await AssertNoSocketIsLeftAsync();
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait_for_the_answer()
    {
        using var cancel = new CancellationTokenSource();
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(_server.Uri, Options(), cancel.Token);
        await _server.ReadRequestAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(_patience));
        await _server.WaitForEndAsync();
        await AssertNoSocketIsLeftAsync();
    }

    [Fact]
    public async Task The_end_of_the_loops_ends_the_wait_for_the_answer()
    {
        Task<WebSocketConnection> connecting = ConnectAsync(Options());
        await _server.ReadRequestAsync();
        _loops.Dispose();
        await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting.WaitAsync(_patience));
        await _server.WaitForEndAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ConnectAsync(Options()).WaitAsync(_patience));
    }

    [Fact]
    public async Task A_connection_made_on_a_loop_stays_on_it()
    {
        using var loops = new EventLoopGroup("client-test", 4);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        EventLoop loop = loops.Loops[2];
        loop.Post(
            async _ =>
            {
                WebSocketConnection connection =
                    await WebSocketClient.ConnectAsync(_server.Uri, new() { Loops = loops });

                // TryReceive throws elsewhere than on the connection's loop.
                bool isHere = loop.IsCurrent && !connection.TryReceive(out Message _);
                connection.Abort();
                done.SetResult(isHere);
            },
            null);
        await _server.SendAsync(ScriptedServer.Acceptance((await _server.ReadRequestAsync()).Key));
        Assert.True(await done.Task.WaitAsync(_patience));
    }

    [Fact]
    public async Task It_connects_from_the_address_that_it_is_given()
    {
        var local = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0);
        Task<WebSocketConnection> connecting = ConnectAsync(new() { Loops = _loops, LocalEndPoint = local });
        await _server.SendAsync(ScriptedServer.Acceptance((await _server.ReadRequestAsync()).Key));
        WebSocketConnection connection = await connecting.WaitAsync(_patience);
        Assert.Equal(local.Address, ((IPEndPoint)_server.Client.RemoteEndPoint!).Address);
        connection.Abort();
    }

    [Fact]
    public async Task A_host_with_several_addresses_is_tried_at_each()
    {
        // localhost is ::1, too, where this server does not listen.
        var uri = new UriBuilder(_server.Uri) { Host = "localhost" }.Uri;
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(uri, Options());
        await _server.SendAsync(ScriptedServer.Acceptance((await _server.ReadRequestAsync()).Key));
        (await connecting.WaitAsync(_patience)).Abort();
    }

    [Theory]
    [InlineData("wss://localhost/")]
    [InlineData("http://localhost/")]
    [InlineData("ws://localhost/#part")]
    [InlineData("ws://me:secret@localhost/")]
    public void An_address_that_cannot_be_connected_to_is_misuse(string uri) =>
        Assert.Throws<ArgumentException>(() => { _ = WebSocketClient.ConnectAsync(new Uri(uri)); });

    public void Dispose()
    {
        _server.Dispose();
        _loops.Dispose();
    }

    private Task<WebSocketConnection> ConnectAsync(WebSocketClientOptions options) =>
        WebSocketClient.ConnectAsync(_server.Uri, options);

    private WebSocketClientOptions Options(string[]? subprotocols = null, TimeSpan? timeout = null)
    {
        var options = new WebSocketClientOptions { Loops = _loops, ConnectTimeout = timeout ?? _patience };
        foreach (string subprotocol in subprotocols ?? []) options.Subprotocols.Add(subprotocol);
        return options;
    }

    private async Task<ConnectionFailedException> FailAsync(Func<string, string> answer)
    {
        Task<WebSocketConnection> connecting = ConnectAsync(Options());
        (_, string key) = await _server.ReadRequestAsync();
        await _server.SendAsync(answer(key));
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting.WaitAsync(_patience));
        await _server.WaitForEndAsync();
        await AssertNoSocketIsLeftAsync();
        return failure;
    }

    private async Task AssertNoSocketIsLeftAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        while (_loops.OpenSockets > 0) await Task.Delay(1, patience.Token);
    }
}
