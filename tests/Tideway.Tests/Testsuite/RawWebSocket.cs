using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tideway.Tests.Testsuite;

/// <summary>A peer that does nothing by itself: it answers no ping and no close.</summary>
internal sealed class RawWebSocket(TcpClient client) : IAsyncDisposable
{
    private readonly NetworkStream _stream = client.GetStream();

    public static async Task<RawWebSocket> ConnectAsync(int port, string path)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestService.Patience);
        var peer = new RawWebSocket(client);
        await peer._stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"),
            TestService.Patience);
        string head = "";
        byte[] one = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await peer._stream.ReadExactlyAsync(one, TestService.Patience);
            head += (char)one[0];
        }

        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        return peer;
    }

    public ValueTask SendAsync(params byte[] bytes) => _stream.WriteAsync(bytes, TestService.Patience);

    /// <summary>Receives a frame of at most 125 bytes: its first byte, and its payload.</summary>
    public async Task<(byte First, byte[] Payload)> ReceiveFrameAsync()
    {
        byte[] head = new byte[2];
        await _stream.ReadExactlyAsync(head, TestService.Patience);
        byte[] payload = new byte[head[1]];
        await _stream.ReadExactlyAsync(payload, TestService.Patience);
        return (head[0], payload);
    }

    /// <summary>Waits for the end of the connection, whether it comes as an end or as a reset.</summary>
    public async Task ReceiveEndAsync()
    {
        try
        {
            Assert.Equal(0, await _stream.ReadAsync(new byte[1], TestService.Patience));
        }
        catch (IOException)
        {
            // A reset.
        }
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
