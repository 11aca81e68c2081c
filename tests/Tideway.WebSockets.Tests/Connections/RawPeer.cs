using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>The other end of a connection under test: a bare socket that sends any bytes and reads frames strictly.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket;
    private readonly Socket _other;
    private readonly NetworkStream _stream;
    private readonly NetworkStream _otherStream;
    private readonly bool _masks;

    private RawPeer(Socket socket, Socket other, WebSocketRole role, WebSocketConnectionOptions? options)
    {
        (_socket, _other) = (socket, other);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _otherStream = new NetworkStream(other, ownsSocket: true);
        _masks = role == WebSocketRole.Server;
        Connection = WebSocketConnection.Create(_otherStream, role, options);
        _ = DisposeWhenClosedAsync();
    }

    /// <summary>The connection under test.</summary>
    public WebSocketConnection Connection { get; }

    public static async Task<RawPeer> ConnectAsync(
        WebSocketRole role = WebSocketRole.Server, WebSocketConnectionOptions? options = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndPoint!);
        Socket other = await listener.AcceptAsync();
        other.NoDelay = true;
        return new RawPeer(socket, other, role, options);
    }

    public static byte[] Frame(
        Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, bool masked = true, uint key = 0x9A3F217D)
    {
        var header = new FrameHeader(fin, opcode, masked, masked ? key : 0, payload.Length);
        byte[] frame = new byte[header.Length + payload.Length];
        Span<byte> body = frame.AsSpan(header.Write(frame));
        payload.CopyTo(body);
        if (masked) Masking.ApplyScalar(body, key);
        return frame;
    }

    public ValueTask SendBytesAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    public ValueTask SendAsync(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true) =>
        _stream.WriteAsync(Frame(opcode, payload, fin, _masks));

    public ValueTask SendTextAsync(string text, bool fin = true) => SendAsync(Opcode.Text, Encoding.UTF8.GetBytes(text), fin);

    /// <summary>Reads the next frame, and fails the test if it is not a legal one.</summary>
    public async Task<(Opcode Opcode, bool Fin, byte[] Payload)> ReadFrameAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] bytes = new byte[FrameHeader.MaxLength];
        int have = 0;
        while (true)
        {
            FrameStatus status = FrameHeader.TryParse(bytes.AsSpan(0, have), !_masks, out FrameHeader header, out string? wrong);
            Assert.True(status != FrameStatus.Violation, wrong);
            if (status == FrameStatus.Complete)
            {
                byte[] payload = new byte[header.PayloadLength];
                await _stream.ReadExactlyAsync(payload, patience.Token);
                if (header.Masked) Masking.ApplyScalar(payload, header.MaskKey);
                return (header.Opcode, header.Fin, payload);
            }

            await _stream.ReadExactlyAsync(bytes.AsMemory(have++, 1), patience.Token);
        }
    }

    /// <summary>Reads a close frame, and answers its code and reason; 1005 when it has none.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        (Opcode opcode, bool fin, byte[] payload) = await ReadFrameAsync();
        Assert.Equal(Opcode.Close, opcode);
        Assert.True(fin);
        return payload.Length == 0
            ? (1005, "")
            : (BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload.AsSpan(2)));
    }

    /// <summary>Reads to the end of the stream, and answers how many bytes still came.</summary>
    public async Task<int> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] bytes = new byte[4096];
        int total = 0;
        while (await _stream.ReadAsync(bytes, patience.Token) is var length and > 0) total += length;
        return total;
    }

    public Task AnswerCloseAsync(int code = 1000)
    {
        byte[] payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        return SendAsync(Opcode.Close, payload).AsTask();
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _stream.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _stream.Dispose();
        Connection.Abort();
        await Connection.Completion.WaitAsync(_patience);
    }

    private async Task DisposeWhenClosedAsync()
    {
        await Connection.Completion;
        _otherStream.Dispose();
        _other.Dispose();
    }
}
