using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Tideway.WebSockets.Connections;

namespace Tideway.AspNetCore.Tests.Endpoints;

public abstract class Http2Tests(bool onLoops, bool tls)
{
    public sealed class OnStockTransport() : Http2Tests(false, true);

    public sealed class OnLoops() : Http2Tests(true, true);

    public sealed class WithoutTls() : Http2Tests(true, false);

    private static CancellationToken Patience => Http2Client.Patience;

    [Fact]
    public async Task The_platforms_client_echoes_messages_of_all_sizes()
    {
        await using EchoApplication app = await StartAsync(
            configure: options => options.Connection = new() { MaxRemotePayload = 3_000_000, FragmentSize = 100_000 });
        using var http = new Http2Client();
        using ClientWebSocket client = await http.ConnectAsync(UriOf(app));
        foreach (int length in new[] { 0, 1, 125, 126, 65535, 65536, 100_001, 3_000_000 })
        {
            byte[] sent = RandomNumberGenerator.GetBytes(length);
            await client.SendAsync(sent, WebSocketMessageType.Binary, true, Patience);
            Assert.Equal(sent, await ReceiveAsync(client));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Theory]
    [InlineData(MessageCompression.Shared)]
    [InlineData(MessageCompression.Dedicated)]
    public async Task Messages_are_compressed_as_over_HTTP_1(MessageCompression mode)
    {
        ConnectionCompression? compression = null;
        await using EchoApplication app = await StartAsync(
            async connection =>
            {
                compression = connection.Compression;
                await EchoAsync(connection);
            },
            options => options.Connection = new() { Compression = new() { Mode = mode } });
        using var http = new Http2Client();
        using ClientWebSocket client =
            await http.ConnectAsync(UriOf(app), options => options.DangerousDeflateOptions = new());
        byte[] sent = [.. Enumerable.Repeat("the same again, ", 3000).SelectMany(text => text).Select(c => (byte)c)];
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(sent, WebSocketMessageType.Text, true, Patience);
            Assert.Equal(sent, await ReceiveAsync(client));
        }

        Assert.InRange(compression!.DeflateBytesOut, 1, compression.DeflateBytesIn / 20);
        Assert.InRange(compression.InflateBytesIn, 1, compression.InflateBytesOut / 20);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task The_servers_preferred_subprotocol_is_chosen()
    {
        await using EchoApplication app = await StartAsync(configure: options =>
        {
            options.Subprotocols.Add("v2");
            options.Subprotocols.Add("v1");
        });
        using var http = new Http2Client();
        using ClientWebSocket client = await http.ConnectAsync(UriOf(app), options =>
        {
            options.AddSubProtocol("v1");
            options.AddSubProtocol("v2");
        });
        Assert.Equal("v2", client.SubProtocol);
    }

    [Theory]
    [InlineData("websocket", "13", "https://good.example", 200)]
    [InlineData("WebSocket", "13", "", 200)]
    [InlineData("websocket", "8", "", 426)]
    [InlineData("websocket", "", "", 426)]
    [InlineData("connect-udp", "13", "", 400)]
    [InlineData("websocket", "13", "https://evil.example", 403)]
    public async Task A_handshake_has_its_status(string protocol, string version, string origin, int status)
    {
        await using EchoApplication app =
            await StartAsync(configure: options => options.AllowedOrigins.Add("https://good.example"));
        using var http = new Http2Client();
        var headers = new List<(string, string)>();
        if (version.Length > 0) headers.Add(("Sec-WebSocket-Version", version));
        if (origin.Length > 0) headers.Add(("Origin", origin));
        Uri uri = new UriBuilder(UriOf(app)) { Scheme = tls ? "https" : "http" }.Uri;
        using HttpResponseMessage response = await http.SendConnectAsync(uri, protocol, [.. headers]);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Sec-WebSocket-Accept"));
        if (status == 426) Assert.Equal(["13"], response.Headers.GetValues("Sec-WebSocket-Version"));
    }

    [Fact]
    public async Task Many_streams_share_a_connection_and_end_one_by_one()
    {
        var connections = new ConcurrentQueue<WebSocketConnection>();
        await using EchoApplication app = await StartAsync(async connection =>
        {
            connections.Enqueue(connection);
            await EchoAsync(connection);
        });
        using var http = new Http2Client();
        ClientWebSocket[] clients =
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => http.ConnectAsync(UriOf(app))));
        await Task.WhenAll(clients.Select(EchoAsync));
        Assert.Single(connections.Select(connection => connection.RemoteEndPoint).Distinct());
        Assert.Equal(50, connections.Select(connection => connection.Id).Distinct().Count());

        foreach (ClientWebSocket closing in clients[..25])
        {
            await closing.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience);
            closing.Dispose();
        }

        await Task.WhenAll(clients[25..].Select(EchoAsync));
        Assert.Equal(25, connections.Count(connection => connection.CloseReason is null));
        foreach (ClientWebSocket client in clients) client.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_reset_ends_its_connection_and_no_other(bool withDataWaiting)
    {
        var ended = new TaskCompletionSource<WebSocketConnection>();
        await using EchoApplication app = await StartAsync(async connection =>
        {
            if (connection.Subprotocol is null)
            {
                await EchoAsync(connection);
                return;
            }

            // Reads nothing, so that nothing but the reset tells it of the end.
            await connection.SendTextAsync("here");
            await Task.Delay(Timeout.Infinite, connection.Closing)
                .ContinueWith(_ => ended.SetResult(connection), TaskScheduler.Default);
        }, options => options.Subprotocols.Add("stubborn"));
        using var http = new Http2Client();
        using ClientWebSocket sibling = await http.ConnectAsync(UriOf(app));
        using (ClientWebSocket client =
            await http.ConnectAsync(UriOf(app), options => options.AddSubProtocol("stubborn")))
        {
            await client.ReceiveAsync(new byte[10], Patience);
            if (withDataWaiting) await client.SendAsync(new byte[10], WebSocketMessageType.Binary, true, Patience);
            client.Abort();
        }

        WebSocketConnection lost = await ended.Task.WaitAsync(Patience);
        await lost.Completion.WaitAsync(Patience);
        Assert.Equal(CloseOrigin.Transport, lost.CloseReason!.Origin);
        await EchoAsync(sibling);
    }

    [Fact]
    public async Task An_aborted_connection_resets_its_stream_with_CANCEL_and_no_other()
    {
        await using EchoApplication app = await StartAsync(async connection =>
        {
            if (connection.Subprotocol is null) await EchoAsync(connection);
            else connection.Abort();
        }, options => options.Subprotocols.Add("rude"));
        using var http = new Http2Client();
        using ClientWebSocket sibling = await http.ConnectAsync(UriOf(app));
        using ClientWebSocket client = await http.ConnectAsync(UriOf(app), options => options.AddSubProtocol("rude"));
        Exception? error = await Assert.ThrowsAnyAsync<Exception>(() => client.ReceiveAsync(new byte[10], Patience));
        while (error is not (null or HttpProtocolException)) error = error.InnerException;
        Assert.Equal(8, Assert.IsType<HttpProtocolException>(error).ErrorCode);
        await EchoAsync(sibling);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_one_stream_does_not_stall_the_others()
    {
        const int Messages = 200;
        await using EchoApplication app = await StartAsync(async connection =>
        {
            if (connection.Subprotocol is null) await EchoAsync(connection);
            else for (int i = 0; i < Messages; i++) await connection.SendBinaryAsync(new byte[16384]);
        }, options => options.Subprotocols.Add("flood"));
        using var http = new Http2Client();
        using ClientWebSocket flooded =
            await http.ConnectAsync(UriOf(app), options => options.AddSubProtocol("flood"));
        using ClientWebSocket client = await http.ConnectAsync(UriOf(app));
        for (int i = 0; i < 100; i++) await EchoAsync(client);
        for (int i = 0; i < Messages; i++) Assert.Equal(16384, (await ReceiveAsync(flooded)).Length);
        WebSocketReceiveResult close = await flooded.ReceiveAsync(new byte[10], Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, close.CloseStatus);
    }

    [Fact]
    public async Task A_stopping_host_closes_every_stream_with_1001()
    {
        await using EchoApplication app = await StartAsync();
        using var http = new Http2Client();
        using ClientWebSocket first = await http.ConnectAsync(UriOf(app)), second = await http.ConnectAsync(UriOf(app));
        await EchoAsync(first);
        await EchoAsync(second);
        Task stopped = app.StopAsync();
        foreach (ClientWebSocket client in new[] { first, second })
        {
            WebSocketReceiveResult close = await client.ReceiveAsync(new byte[10], Patience);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, close.CloseStatus);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience);
        }

        await stopped.WaitAsync(Patience);
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private static async Task EchoAsync(ClientWebSocket client)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(1000);
        await client.SendAsync(sent, WebSocketMessageType.Binary, true, Patience);
        Assert.Equal(sent, await ReceiveAsync(client));
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client)
    {
        byte[] buffer = new byte[65536];
        var message = new MemoryStream();
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer.AsMemory(), Patience);
            message.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return message.ToArray();
    }

    private Task<EchoApplication> StartAsync(
        Func<WebSocketConnection, Task>? handler = null,
        Action<Tideway.AspNetCore.Endpoints.WebSocketEndpointOptions>? configure = null) =>
        EchoApplication.StartAsync(onLoops, handler, configure, plainHttp2: !tls);

    private Uri UriOf(EchoApplication app) =>
        new(tls ? $"wss://127.0.0.1:{app.TlsPort}/chat" : $"ws://127.0.0.1:{app.PlainHttp2Port}/chat");
}
