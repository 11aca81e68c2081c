using System.Net.WebSockets;
using System.Text;
using Tideway.AspNetCore.Endpoints;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Handshake;

namespace Tideway.AspNetCore.Tests.Endpoints;

public abstract class CompressionTests(bool onLoops)
{
    public sealed class OnStockTransport() : CompressionTests(false);

    public sealed class OnLoops() : CompressionTests(true);

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    /// <summary>Both modes and the default; against any window and context that the client can ask for.</summary>
    public static TheoryData<MessageCompression, int, int, bool> Clients
    {
        get
        {
            var clients = new TheoryData<MessageCompression, int, int, bool>();
            foreach (MessageCompression mode in Enum.GetValues<MessageCompression>())
            {
                for (int bits = 9; bits <= 15; bits++) clients.Add(mode, bits, 24 - bits, bits % 2 == 0);
            }

            return clients;
        }
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task The_platforms_client_echoes_with_any_compression_it_asks_for(
        MessageCompression mode, int clientBits, int serverBits, bool keepsContext)
    {
        ConnectionCompression? compression = null;
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops,
            async connection =>
            {
                compression = connection.Compression;
                while (await connection.ReceiveAsync() is { IsClose: false } message)
                    await connection.SendAsync(message);
            },
            options => options.Connection = new()
            {
                MaxRemotePayload = 300_000,
                Compression = new() { Mode = mode },
            });
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new()
        {
            ClientMaxWindowBits = clientBits,
            ServerMaxWindowBits = serverBits,
            ClientContextTakeover = keepsContext,
            ServerContextTakeover = keepsContext,
        };
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{app.Port}/chat"), Patience);
        foreach (int length in new[] { 0, 1, 255, 256, 5000, 65_536, 150_000, 5000 })
            await EchoAsync(client, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length))[..length]));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        Assert.Equal(mode != MessageCompression.Off, compression is not null);
        if (compression is null) return;
        bool isDedicated = keepsContext && mode == MessageCompression.Dedicated;
        Assert.Equal(
            new CompressionAgreement(isDedicated, isDedicated, serverBits, clientBits), compression.Agreement);
        Assert.InRange(compression.DeflateBytesOut, 1, compression.DeflateBytesIn / 2);
        Assert.InRange(compression.InflateBytesIn, 1, compression.InflateBytesOut / 2);
    }

    [Theory]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover")]
    [InlineData("permessage-deflate; x|Sec-WebSocket-Extensions: permessage-deflate", "permessage-deflate; server_no")]
    [InlineData("permessage-deflate; server_max_window_bits=8", null)]
    [InlineData("x-webkit-deflate-frame", null)]
    public async Task The_first_offer_that_can_be_kept_is_answered(string offers, string? answer)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops, configure: Share);
        string head = (await app.SendRawAsync(Request(offers))).Head;
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        if (answer is null) Assert.DoesNotContain("Extensions", head, StringComparison.OrdinalIgnoreCase);
        else Assert.Contains($"Sec-WebSocket-Extensions: {answer}", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_malformed_offer_is_refused_also_where_nothing_is_compressed(bool isOff)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops, configure: isOff ? null : Share);
        string head = (await app.SendRawAsync(Request("permessage-deflate; x="))).Head;
        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
    }

    private static void Share(WebSocketEndpointOptions options) =>
        options.Connection = new() { Compression = new() { Mode = MessageCompression.Shared } };

    private static async Task EchoAsync(ClientWebSocket client, byte[] message)
    {
        await client.SendAsync(message, WebSocketMessageType.Text, true, Patience);
        byte[] received = new byte[message.Length + 1];
        int have = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(received.AsMemory(have), Patience);
            have += result.Count;
        }
        while (!result.EndOfMessage);
        Assert.Equal(message, received.AsSpan(0, have));
    }

    private static byte[] Request(string offers) => Encoding.ASCII.GetBytes((
        "GET /chat HTTP/1.1|Host: x|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|" +
        $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|Sec-WebSocket-Extensions: {offers}||")
        .Replace("|", "\r\n", StringComparison.Ordinal));
}
