using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>The other end of a connection under test: a bare socket that sends any bytes and reads frames
/// strictly.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly EventLoopGroup _loops = new("tests", 2);
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly bool _masks;
    private readonly Action _release;
    private int _closes;

    private RawPeer(Socket socket, WebSocketRole role, WebSocketConnection connection, Action release)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _masks = role == WebSocketRole.Server;
        Connection = connection;
        _release = release;
    }

    /// <summary>The connection under test.</summary>
    public WebSocketConnection Connection { get; }

    /// <summary>Whether the last frame read begins a compressed message.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Connects to a connection over a stream.</summary>
    public static async Task<RawPeer> ConnectToStreamAsync(
        WebSocketRole role, WebSocketConnectionOptions? options, CompressionAgreement? compression = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket socket = await ConnectAsync(listener.LocalEndPoint!);
        Socket other = await listener.AcceptAsync();
        other.NoDelay = true;
        var stream = new NetworkStream(other, ownsSocket: true);
        WebSocketConnection connection = WebSocketConnection.Create(
            stream, role, options, compression: compression);
        _ = connection.Completion.ContinueWith(_ => stream.Dispose(), TaskScheduler.Default);
        return new RawPeer(socket, role, connection, static () => { });
    }

    /// <summary>Connects to a connection over a socket on an event loop, whose clock is that of the options.</summary>
    public static async Task<RawPeer> ConnectToLoopAsync(
        WebSocketRole role, WebSocketConnectionOptions? options, CompressionAgreement? compression = null)
    {
        options ??= new WebSocketConnectionOptions();
        EventLoopGroup? own = options.TimeProvider == TimeProvider.System
            ? null : new EventLoopGroup("own", 1, timeProvider: options.TimeProvider);
        return await ConnectToLoopAsync(own ?? _loops, role, options, () => own?.Dispose(), compression);
    }

    /// <summary>Connects to a connection over a socket on one of these loops.</summary>
    public static async Task<RawPeer> ConnectToLoopAsync(
        EventLoopGroup loops,
        WebSocketRole role,
        WebSocketConnectionOptions options,
        Action? release = null,
        CompressionAgreement? compression = null)
    {
        var created = new TaskCompletionSource<WebSocketConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopListener listener = LoopListener.Start(
            loops,
            new IPEndPoint(IPAddress.Loopback, 0),
            new LoopListenerOptions(),
            socket => created.SetResult(
                WebSocketConnection.Create(socket, role, options, compression: compression)));
        Socket socket = await ConnectAsync(listener.EndPoint);
        WebSocketConnection connection = await created.Task.WaitAsync(_patience);
        await listener.CloseAsync().WaitAsync(_patience);
        return new RawPeer(socket, role, connection, release ?? (static () => { }));
    }

    public static byte[] Frame(
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        bool fin = true,
        bool masked = true,
        uint key = 0x9A3F217D,
        bool compressed = false)
    {
        var header = new FrameHeader(fin, opcode, masked, masked ? key : 0, payload.Length, compressed);
        byte[] frame = new byte[header.Length + payload.Length];
        Span<byte> body = frame.AsSpan(header.Write(frame));
        payload.CopyTo(body);
        if (masked) Masking.ApplyScalar(body, key);
        return frame;
    }

    public ValueTask SendBytesAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    public ValueTask SendAsync(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, bool compressed = false) =>
        _stream.WriteAsync(Frame(opcode, payload, fin, _masks, compressed: compressed));

    public ValueTask SendTextAsync(string text, bool fin = true) =>
        SendAsync(Opcode.Text, Encoding.UTF8.GetBytes(text), fin);

    /// <summary>Reads the next frame, and fails the test if it is not a legal one.</summary>
    public async Task<(Opcode Opcode, bool Fin, byte[] Payload)> ReadFrameAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] bytes = new byte[FrameHeader.MaxLength];
        int have = 0;
        while (true)
        {
            FrameStatus status = FrameHeader.TryParse(
                bytes.AsSpan(0, have), !_masks, out FrameHeader header, out string? wrong, mayCompress: true);
            Assert.True(status != FrameStatus.Violation, wrong);
            if (status == FrameStatus.Complete)
            {
                Assert.True(!header.Compressed || Connection.Compression is not null, "compressed without agreement");
                IsCompressed = header.Compressed;
                byte[] payload = new byte[header.PayloadLength];
                await _stream.ReadExactlyAsync(payload, patience.Token);
                if (header.Masked) Masking.ApplyScalar(payload, header.MaskKey);
                if (header.Opcode == Opcode.Close) EndWithSecondClose();
                return (header.Opcode, header.Fin, payload);
            }

            await _stream.ReadExactlyAsync(bytes.AsMemory(have++, 1), patience.Token);
        }
    }

    /// <summary>Reads a whole data message, and answers how many pongs came between its frames.</summary>
    public async Task<(byte[] Payload, int Pongs)> ReadMessageAsync()
    {
        using var message = new MemoryStream();
        for (int pongs = 0; ;)
        {
            (Opcode opcode, bool fin, byte[] payload) = await ReadFrameAsync();
            if (opcode == Opcode.Pong)
            {
                pongs++;
                continue;
            }

            Assert.Equal(message.Length == 0, opcode != Opcode.Continuation);
            Assert.True(opcode <= Opcode.Binary, $"{opcode} inside a message");
            message.Write(payload);
            if (fin) return (message.ToArray(), pongs);
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

    /// <summary>Reads so many bytes, whatever they are.</summary>
    public async Task SkipAsync(int count)
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] bytes = new byte[1 << 20];
        for (int length; count > 0; count -= length)
        {
            length = Math.Min(count, bytes.Length);
            await _stream.ReadExactlyAsync(bytes.AsMemory(0, length), patience.Token);
        }
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

    /// <summary>Reads until the transport has ended, by its end or by a reset.</summary>
    public async Task ReadUntilCutAsync()
    {
        try
        {
            await ReadToEndAsync();
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
        }
    }

    public async Task AnswerCloseAsync(int code = 1000)
    {
        byte[] payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        await SendAsync(Opcode.Close, payload);
        EndWithSecondClose();
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
        _release();
    }

    /// <summary>RFC 6455 §7.1.1: the server closes the transport first, after both close frames.</summary>
    private void EndWithSecondClose()
    {
        if (++_closes == 2 && !_masks) EndSending();
    }

    private static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = 65536, // Fixed: the system would let it grow to tens of megabytes.
        };
        await socket.ConnectAsync(endPoint);
        return socket;
    }
}
