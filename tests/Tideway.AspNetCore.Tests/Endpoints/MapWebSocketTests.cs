using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Tideway.AspNetCore.Endpoints;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Endpoints;

public abstract class MapWebSocketTests(bool onLoops)
{
    public sealed class OnStockTransport() : MapWebSocketTests(false);

    public sealed class OnLoops() : MapWebSocketTests(true);

    private const string Good =
        "GET /chat HTTP/1.1|Host: x|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==||";

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_platforms_client_echoes_messages_of_all_sizes(bool tls)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops,
            configure: options => options.Connection = new() { MaxRemotePayload = 300_000, FragmentSize = 100_000 });
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await client.ConnectAsync(
            new Uri(tls ? $"wss://127.0.0.1:{app.TlsPort}/chat" : $"ws://127.0.0.1:{app.Port}/chat"), Patience);

        byte[] received = new byte[300_000];
        foreach (int length in new[] { 0, 1, 125, 126, 65535, 65536, 100_001, 300_000 })
        {
            byte[] sent = RandomNumberGenerator.GetBytes(length);
            await client.SendAsync(sent, WebSocketMessageType.Binary, true, Patience);
            int have = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await client.ReceiveAsync(received.AsMemory(have), Patience);
                have += result.Count;
            }
            while (!result.EndOfMessage);
            Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
            Assert.Equal(sent, received.AsSpan(0, have));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Theory]
    [InlineData("Connection: Upgrade", "Connection: keep-alive, Upgrade")]
    [InlineData("Connection: Upgrade", "Connection: keep-alive|Connection: UPGRADE")]
    [InlineData("Upgrade: websocket", "Upgrade:\twebsocket ")]
    [InlineData("Upgrade: websocket", "Upgrade: h2c, WebSocket")]
    [InlineData("Sec-WebSocket-Version", "sec-websocket-VERSION")]
    public async Task A_handshake_in_unusual_form_is_accepted(string part, string instead)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        string head = (await app.SendRawAsync(Request(Good.Replace(part, instead, StringComparison.Ordinal)))).Head;
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: websocket|", "", 400)]
    [InlineData("Connection: Upgrade", "Connection: close", 400)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZTE=", 400)]
    [InlineData("Sec-WebSocket-Key", "Sec-WebSocket-Keys", 400)]
    [InlineData("||", "|Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==||", 400)]
    [InlineData("Host: x|", "", 400)]
    [InlineData("HTTP/1.1", "HTTP/1.0", 400)]
    [InlineData("Version: 13", "Version: 8", 426)]
    [InlineData("GET", "POST", 405)]
    [InlineData("GET", "get", 400)]
    [InlineData("||", "|Origin: https://evil.example||", 403)]
    [InlineData("||", "|Origin: ||", 403)]
    [InlineData("||", "|Origin: https://good.example|Origin:||", 403)]
    [InlineData("||", "|Sec-WebSocket-Protocol: a b||", 400)]
    [InlineData("||", "|Sec-WebSocket-Protocol: v1,v@2||", 400)]
    [InlineData("||", "|Sec-WebSocket-Protocol: v1, v2, v1||", 400)]
    [InlineData("||", "|Sec-WebSocket-Protocol: v1|Sec-WebSocket-Protocol: v1||", 400)]
    [InlineData("||", "|Sec-WebSocket-Protocol: ||", 400)]
    [InlineData("||", "|Sec-WebSocket-Protocol: ,||", 400)]
    public async Task A_handshake_that_is_wrong_is_refused_with_its_status(string part, string instead, int status)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops, configure: options => options.AllowedOrigins.Add("https://good.example"));
        string head = (await app.SendRawAsync(Request(Good.Replace(part, instead, StringComparison.Ordinal)))).Head;
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        if (status == 426) Assert.Contains("Sec-WebSocket-Version: 13", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowed_origin_connects()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops, configure: options => options.AllowedOrigins.Add("https://good.example"));
        string request = Good.Replace("||", "|Origin: HTTPS://good.example||", StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", (await app.SendRawAsync(Request(request))).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_in_the_segment_of_the_handshake_is_answered()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        byte[] frame = [0x81, 0x85, 1, 2, 3, 4, .. "hello"u8];
        Masking.Apply(frame.AsSpan(6), 0x04030201);
        (string head, byte[] rest) = await app.SendRawAsync((byte[])[.. Request(Good), .. frame], rest: 7);
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Equal([0x81, 0x05, .. "hello"u8], rest);
    }

    [Fact]
    public async Task The_servers_preferred_subprotocol_is_chosen()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops, configure: options =>
        {
            options.Subprotocols.Add("v2");
            options.Subprotocols.Add("v1");
        });
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("v1");
        client.Options.AddSubProtocol("v2");
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{app.Port}/chat"), Patience);
        Assert.Equal("v2", client.SubProtocol);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Protocol: v3, v1|", "v1")]
    [InlineData("Sec-WebSocket-Protocol: v3|Sec-WebSocket-Protocol: ,\tv1,, v2|", "v2")]
    [InlineData("Sec-WebSocket-Protocol: V1|", null)]
    [InlineData("Sec-WebSocket-Protocol: v3|", null)]
    [InlineData("", null)]
    public async Task Without_a_subprotocol_in_common_there_is_none(string header, string? chosen)
    {
        var told = new TaskCompletionSource<string?>();
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops,
            connection =>
            {
                told.SetResult(connection.Subprotocol);
                return Task.CompletedTask;
            },
            options =>
            {
                options.Subprotocols.Add("v2");
                options.Subprotocols.Add("v1");
            });
        string request = Good.Replace("||", "|" + header + "|", StringComparison.Ordinal);
        string head = (await app.SendRawAsync(Request(request))).Head;
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Equal(chosen is not null, head.Contains("Sec-WebSocket-Protocol: " + chosen, StringComparison.Ordinal));
        Assert.Equal(chosen, await told.Task.WaitAsync(Patience));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Sec-WebSocket-Protocol: v3|")]
    public async Task Without_a_subprotocol_that_is_required_a_handshake_is_refused_and_told_them(string header)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops, configure: options =>
        {
            options.Subprotocols.Add("v2");
            options.Subprotocols.Add("v1");
            options.RequireSubprotocol = true;
        });
        string request = Good.Replace("||", "|Connection: close|" + header + "|", StringComparison.Ordinal);
        (string head, byte[] body) = await app.SendRawAsync(Request(request), rest: 20);
        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        Assert.Contains("one of: v2, v1.", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "v1", false, "'a b' cannot be a subprotocol")]
    [InlineData("v1", "v1", false, "'v1' is given twice")]
    [InlineData(null, null, true, "none is given")]
    public async Task Subprotocols_that_cannot_be_spoken_are_misuse(
        string? first, string? second, bool required, string reason)
    {
        var misuse = await Assert.ThrowsAsync<ArgumentException>(
            () => EchoApplication.StartAsync(onLoops, configure: options =>
            {
                if (first is not null) options.Subprotocols.Add(first);
                if (second is not null) options.Subprotocols.Add(second);
                options.RequireSubprotocol = required;
            }));
        Assert.Contains(reason, misuse.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_knows_the_request_of_its_handshake_and_may_refuse_it()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops, map: app => app.MapWebSocket(
            "/rooms/{room}",
            context =>
            {
                string room = (string)context.GetRouteValue("room")!;
                if (room == "closed") return null;
                return async connection => await connection.SendTextAsync($"welcome to {room}");
            }));
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{app.Port}/rooms/blue"), Patience);
        byte[] buffer = new byte[100];
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, Patience);
        Assert.Equal("welcome to blue", Encoding.UTF8.GetString(buffer, 0, result.Count));

        byte[] refused = Request(Good.Replace("/chat", "/rooms/closed", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 403 ", (await app.SendRawAsync(refused)).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopping_host_closes_with_1001()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{app.Port}/chat"), Patience);
        await client.SendAsync("up"u8.ToArray(), WebSocketMessageType.Text, true, Patience);
        byte[] buffer = new byte[100];
        await client.ReceiveAsync(buffer, Patience);

        Task stopped = app.StopAsync();
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, Patience);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, result.CloseStatus);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience);
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_failing_handler_closes_with_1011()
    {
        await using EchoApplication app =
            await EchoApplication.StartAsync(onLoops, _ => throw new InvalidOperationException("bug"));
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{app.Port}/chat"), Patience);
        WebSocketReceiveResult result = await client.ReceiveAsync(new byte[100], Patience);
        Assert.Equal(WebSocketCloseStatus.InternalServerError, result.CloseStatus);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience);
    }

    private static byte[] Request(string lines) =>
        Encoding.ASCII.GetBytes(lines.Replace("|", "\r\n", StringComparison.Ordinal));
}
