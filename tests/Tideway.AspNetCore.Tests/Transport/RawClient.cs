using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>A bare socket that speaks just enough HTTP and WebSocket to see what a server does.</summary>
internal sealed class RawClient : IDisposable
{
    public const string Handshake =
        "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawClient(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    private static CancellationToken Patience => new CancellationTokenSource(_patience).Token;

    public static Task<RawClient> ConnectAsync(int port, int? receiveBuffer = null) =>
        ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), receiveBuffer);

    public static async Task<RawClient> ConnectAsync(EndPoint endPoint, int? receiveBuffer = null)
    {
        bool isUnix = endPoint.AddressFamily == AddressFamily.Unix;
        ProtocolType protocol = isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        if (!isUnix) socket.NoDelay = true;
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(endPoint);
        return new RawClient(socket);
    }

    /// <summary>Makes a masked frame.</summary>
    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true)
    {
        var header = new FrameHeader(fin, opcode, masked: true, 0x01020304, payload.Length);
        byte[] frame = new byte[header.Length + payload.Length];
        payload.CopyTo(frame.AsSpan(header.Write(frame)));
        Masking.Apply(frame.AsSpan(header.Length), header.MaskKey);
        return frame;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, Patience);

    /// <summary>Reads the head of an answer, and its body if that has a length.</summary>
    public async Task<(string Head, string Body)> ReadAnswerAsync()
    {
        string head = await ReadHeadAsync();
        string? length = head.Split("\r\n").FirstOrDefault(
            line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        byte[] body = await ReadAsync(int.Parse(length?.Split(' ')[1] ?? "0", null));
        return (head, Encoding.Latin1.GetString(body));
    }

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)(await ReadAsync(1))[0]);
        return head.ToString();
    }

    public async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (line is not [.., '\n']) line.Append((char)(await ReadAsync(1))[0]);
        return line.ToString();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, Patience);
        return bytes;
    }

    /// <summary>Reads a frame of the server.</summary>
    public async Task<(Opcode Opcode, byte[] Payload)> ReadFrameAsync()
    {
        byte[] bytes = [];
        FrameHeader header;
        while (FrameHeader.TryParse(bytes, masked: false, out header, out _) != FrameStatus.Complete)
            bytes = [.. bytes, .. await ReadAsync(1)];
        return (header.Opcode, await ReadAsync((int)header.PayloadLength));
    }

    /// <summary>Reads to the end; fails when that is a reset.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await _stream.CopyToAsync(all, Patience);
        return all.ToArray();
    }

    /// <summary>Waits for the end, be it a reset.</summary>
    public async Task WaitForEndAsync()
    {
        try
        {
            await ReadToEndAsync();
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
        }
    }

    public EndPoint LocalEndPoint => _socket.LocalEndPoint!;

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _stream.Dispose();
}
