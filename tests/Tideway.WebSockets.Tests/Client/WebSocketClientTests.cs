using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Connections;
using Tideway.WebSockets.Tests.Engine;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>The client against servers that answer byte by byte, too late or not at all.</summary>
public abstract class WebSocketClientTests(ClientKind kind) : IDisposable
{
    public sealed class OnLoops() : WebSocketClientTests(ClientKind.Loop);

    public sealed class OverStreams() : WebSocketClientTests(ClientKind.Stream);

    public sealed class OverTls() : WebSocketClientTests(ClientKind.Tls);

    private static readonly TimeSpan _patience = ClientFixture.Patience;
    private readonly ClientFixture _client = new(kind);

    private ScriptedServer Server => _client.Server;

    private static WebSocketConnectionOptions Compressing =>
        new() { Compression = new() { Mode = MessageCompression.Dedicated } };

    [Fact]
    public async Task The_request_is_what_RFC_6455_asks_for_with_the_headers_of_the_options()
    {
        WebSocketClientOptions options = _client.Options(subprotocols: ["v2", "v1"]);
        options.Headers["Authorization"] = "Bearer secret";
        Task<WebSocketConnection> connecting = _client.ConnectAsync(options);
        (string head, string key) = await Server.ReadRequestAsync();
        await Server.SendAsync(ScriptedServer.Acceptance(key, "Sec-WebSocket-Protocol: v1\r\n"));
        await using WebSocketConnection connection = await connecting;

        Assert.Equal(
            [
                "GET /chat?room=1 HTTP/1.1",
                $"Host: {Server.Uri.Authority}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", $"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: v2, v1",
                "Authorization: Bearer secret", "", "",
            ],
            head.Split("\r\n"));
        Assert.Equal("v1", connection.Subprotocol);
        Assert.Equal(Server.Client.LocalEndPoint, connection.RemoteEndPoint);
        Assert.Equal(Server.Client.RemoteEndPoint, connection.LocalEndPoint);
        connection.Abort();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate\r\n", true)]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n", false)]
    public async Task Compression_is_offered_and_kept_to_as_the_server_answers(string answer, bool? keepsContext)
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync(_client.Options(connection: Compressing));
        (string head, string key) = await Server.ReadRequestAsync();
        Assert.Contains(
            "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
            head,
            StringComparison.Ordinal);
        await Server.SendAsync(ScriptedServer.Acceptance(key, answer));
        await using WebSocketConnection connection = await connecting;
        Assert.Equal(keepsContext, connection.Compression?.Agreement.ClientKeepsContext);
        connection.Abort();
    }

    [Fact]
    public async Task An_answer_that_compression_cannot_keep_to_fails_the_connect()
    {
        ConnectionFailedException failure = await _client.FailAsync(
            key => ScriptedServer.Acceptance(
                key, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits\r\n"),
            _client.Options(connection: Compressing));
        Assert.Contains("permessage-deflate", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_behind_the_answer_is_received_wherever_the_bytes_are_split(bool withFin)
    {
        string frames = Frames((Opcode.Text, "first"), (Opcode.Text, "second"));
        int length = ScriptedServer.Acceptance("dGhlIHNhbXBsZSBub25jZQ==").Length + frames.Length;

        // A TLS handshake costs too much for every byte.
        for (int split = 0; split <= length; split += kind == ClientKind.Tls ? 7 : 1)
        {
            using ScriptedServer server = _client.NewServer();
            Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(server.Uri, _client.Options());
            string bytes = ScriptedServer.Acceptance((await server.ReadRequestAsync()).Key) + frames;
            await server.SendAsync(bytes[..split]);
            await Task.Yield();
            await server.SendAsync(bytes[split..]);
            if (withFin) server.Client.Shutdown(SocketShutdown.Send);
            WebSocketConnection connection = await connecting.WaitAsync(_patience);

            Assert.Equal("first", await ReceiveTextAsync(connection));
            Assert.Equal("second", await ReceiveTextAsync(connection));
            connection.Abort();
            await connection.Completion.WaitAsync(_patience);
        }
    }

    [Fact]
    public async Task A_message_and_a_close_in_the_segment_of_the_answer_are_both_received()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        string answer = ScriptedServer.Acceptance((await Server.ReadRequestAsync()).Key);
        await Server.SendAsync(
            answer + Frames((Opcode.Ping, "?"), (Opcode.Text, "bye"), (Opcode.Close, "\u000F\u00A0end")));
        WebSocketConnection connection = await connecting;

        Assert.Equal("bye", await ReceiveTextAsync(connection));
        Message close = await connection.ReceiveAsync().AsTask().WaitAsync(_patience);
        Assert.Equal((CloseCode)4000, close.CloseReason!.Code);
        Assert.Equal("end", close.CloseReason.Text);
        Server.Client.Shutdown(SocketShutdown.Send);
        await connection.Completion.WaitAsync(_patience);

        // A pong, and a close with the same code.
        byte[] sent = await Server.WaitForEndAsync();
        Assert.Equal([0x8A, 0x81], sent[..2]);
        Assert.Equal(0x88, sent[7]);
        Assert.Equal(4000, BinaryPrimitives.ReadUInt16BigEndian(Unmasked(sent.AsSpan(8, 7))));
        await _client.AssertClosedAsync();
    }

    [Fact]
    public async Task Messages_of_all_sizes_go_both_ways()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        string answer = ScriptedServer.Acceptance((await Server.ReadRequestAsync()).Key);
        string[] texts = ["", "a", new string('b', 126), new string('c', 60_000)];
        await Server.SendAsync(answer + Frames([.. texts.Select(text => (Opcode.Text, text))]));
        WebSocketConnection connection = await connecting;
        foreach (string text in texts)
        {
            Assert.Equal(text, await ReceiveTextAsync(connection));
            await connection.SendTextAsync(text);
        }

        _ = connection.CloseAsync();
        await Server.SendAsync(Frames((Opcode.Close, "\u0003\u00E8")));
        Server.Client.Shutdown(SocketShutdown.Send);
        byte[] sent = await Server.WaitForEndAsync();
        await connection.Completion.WaitAsync(_patience);
        Assert.Equal(6 + 7 + (8 + 126) + (8 + 60_000) + 8, sent.Length);
    }

    [Fact]
    public async Task Compression_is_what_was_offered_and_answered()
    {
        var compressed = new WebSocketConnectionOptions { Compression = new() { Mode = MessageCompression.Shared } };
        Task<WebSocketConnection> connecting = _client.ConnectAsync(_client.Options(connection: compressed));
        (string head, string key) = await Server.ReadRequestAsync();
        Assert.Contains("\r\nSec-WebSocket-Extensions: permessage-deflate", head, StringComparison.Ordinal);
        const string Answer =
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";

        // RFC 7692 §7.2.3.1: "Hello", compressed, in a frame with RSV1.
        const string Hello = "\u00C1\u0007\u00F2\u0048\u00CD\u00C9\u00C9\u0007\u0000";
        await Server.SendAsync(ScriptedServer.Acceptance(key, Answer) + Hello);
        WebSocketConnection connection = await connecting;
        Assert.Equal("Hello", await ReceiveTextAsync(connection));
        Assert.NotNull(connection.Compression);
        connection.Abort();
    }

    [Fact]
    public async Task A_server_that_closes_before_it_answers_is_reported()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        await Server.ReadRequestAsync();
        Server.Client.Shutdown(SocketShutdown.Both);
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        Assert.Contains("closed the connection before it answered", failure.Message, StringComparison.Ordinal);
        await _client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_reset_before_the_answer_is_reported()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        await Server.ReadRequestAsync();
        Server.Client.Close(0);
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        Assert.EndsWith("failed: Connection reset by peer.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connect_is_reported_with_its_address()
    {
        int port = Server.Uri.Port;
        Server.Dispose();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => _client.ConnectAsync());
        Assert.EndsWith(
            $"failed: Cannot connect to 127.0.0.1:{port}: Connection refused.", failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(SocketError.ConnectionRefused, ((SocketException)failure.InnerException!).SocketErrorCode);
    }

    [Fact]
    public async Task A_name_without_an_address_is_reported()
    {
        var uri = new UriBuilder(Server.Uri) { Host = "nowhere.invalid" }.Uri;
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => WebSocketClient.ConnectAsync(uri, _client.Options()).WaitAsync(_patience));
        Assert.Contains("no address of 'nowhere.invalid' was found: ", failure.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(failure.InnerException);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_time_out()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync(_client.Options(timeout: Short));
        await Server.ReadRequestAsync();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        Assert.EndsWith($"no answer within {Short.TotalSeconds} s.", failure.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(failure.InnerException);
        await _client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_server_that_answers_byte_by_byte_is_given_up_after_the_same_time()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync(_client.Options(timeout: Short));
        await Server.ReadRequestAsync();
        await Server.SendAsync("HTTP/1.1 101 ");
        try
        {
            while (await Task.WhenAny(connecting, Task.Delay(5)) != connecting) await Server.SendAsync("a");
        }
        catch (IOException)
        {
            // The client has given up just now.
        }

        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        Assert.Contains("no answer within", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("accepted")]
    [InlineData("requested")]
    [InlineData("refused")]
    public async Task A_cancellation_ends_the_attempt_at_each_stage(string stage)
    {
        using var cancel = new CancellationTokenSource();
        if (stage == "before") await cancel.CancelAsync();
        Task<WebSocketConnection> connecting = _client.ConnectAsync(cancellationToken: cancel.Token);
        if (stage == "accepted")
        {
            await Server.AcceptAsync();
        }
        else if (stage != "before")
        {
            await Server.ReadRequestAsync();
            if (stage == "refused") await Server.SendAsync("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n");
        }

        await cancel.CancelAsync();
        var canceled = await Assert.ThrowsAnyAsync<Exception>(() => connecting);

        // The refusal may have been known before the cancellation was: then it is what there is to tell.
        if (stage != "refused") Assert.Equal(cancel.Token, ((OperationCanceledException)canceled).CancellationToken);
        if (stage != "before") await _client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait_for_an_address_that_does_not_answer()
    {
        using var full = new FullListener();
        using var cancel = new CancellationTokenSource();
        Uri uri = new UriBuilder(Server.Uri) { Port = full.EndPoint.Port }.Uri;
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(uri, _client.Options(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(_patience));
    }

    [Fact]
    public async Task An_address_that_does_not_answer_is_given_up_after_the_time_out()
    {
        using var full = new FullListener();
        Uri uri = new UriBuilder(Server.Uri) { Port = full.EndPoint.Port }.Uri;
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => WebSocketClient.ConnectAsync(uri, _client.Options(timeout: Short)).WaitAsync(_patience));
        Assert.Matches($@"Cannot connect to {full.EndPoint}: no answer within 0\.[0-9]+ s\.$", failure.Message);
    }

    [Fact]
    public async Task It_connects_from_the_address_that_it_is_given()
    {
        var local = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0);
        var options = new WebSocketClientOptions
        {
            Loops = _client.Loops,
            LocalEndPoint = local,
            WithoutLoops = kind == ClientKind.Stream,
            ConfigureTls = _client.Options().ConfigureTls,
        };
        Task<WebSocketConnection> connecting = _client.ConnectAsync(options);
        await Server.SendAsync(ScriptedServer.Acceptance((await Server.ReadRequestAsync()).Key));
        WebSocketConnection connection = await connecting;
        Assert.Equal(local.Address, ((IPEndPoint)Server.Client.RemoteEndPoint!).Address);
        connection.Abort();
    }

    [Fact]
    public async Task A_host_with_several_addresses_is_tried_at_each()
    {
        // localhost is ::1, too, where this server does not listen.
        var uri = new UriBuilder(Server.Uri) { Host = "localhost" }.Uri;
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(uri, _client.Options());
        await Server.SendAsync(ScriptedServer.Acceptance((await Server.ReadRequestAsync()).Key));
        (await connecting.WaitAsync(_patience)).Abort();
    }

    [Theory]
    [InlineData("http://localhost/", "ws://host:port/path")]
    [InlineData("/path", "ws://host:port/path")]
    [InlineData("ws://localhost/#part", "fragment")]
    [InlineData("wss://me:secret@localhost/", "Authorization")]
    public void An_address_that_cannot_be_connected_to_is_misuse(string uri, string reason)
    {
        ArgumentException misuse = Assert.Throws<ArgumentException>(
            () => { _ = WebSocketClient.ConnectAsync(new Uri(uri, UriKind.RelativeOrAbsolute)); });
        Assert.Contains(reason, misuse.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", misuse.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    private static TimeSpan Short => TimeSpan.FromSeconds(0.3);

    private static string Frames(params (Opcode Opcode, string Payload)[] frames) => string.Concat(frames.Select(
        frame => Encoding.Latin1.GetString(
            RawPeer.Frame(frame.Opcode, Encoding.Latin1.GetBytes(frame.Payload), masked: false))));

    private static byte[] Unmasked(ReadOnlySpan<byte> maskAndPayload)
    {
        byte[] frame = maskAndPayload[1..].ToArray();
        Masking.ApplyScalar(frame.AsSpan(4), BinaryPrimitives.ReadUInt32LittleEndian(frame));
        return frame[4..];
    }

    private static async Task<string> ReceiveTextAsync(WebSocketConnection connection) =>
        (await connection.ReceiveAsync().AsTask().WaitAsync(_patience)).ToString();
}
