using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Framing;

namespace Tideway.Testing.Wire;

/// <summary>One connection, to a server or from a client: sends whatever it is told, legal or not, and reads
/// strictly.</summary>
/// <remarks>It does nothing by itself: no pong, no close. One reader and one sender at a time.</remarks>
public sealed class WireConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ByteReader _bytes;
    private readonly FrameReader _frames;
    private readonly MessageJoiner _messages = new();

    /// <summary>Takes an open transport.</summary>
    /// <param name="socket">The socket, owned from now on.</param>
    /// <param name="stream">What is read and written: the socket's stream, or TLS over it. Owned from now on.</param>
    /// <param name="peerRole">The role of the other end.</param>
    /// <param name="patience">How long each read waits before it has failed.</param>
    public WireConnection(Socket socket, Stream stream, WebSocketRole peerRole, TimeSpan patience)
    {
        (_socket, _stream, PeerRole) = (socket, stream, peerRole);
        _bytes = new ByteReader(stream, Transcript) { Patience = patience };
        _frames = new FrameReader(_bytes, masked: peerRole == WebSocketRole.Client);
    }

    /// <summary>The role of the other end.</summary>
    public WebSocketRole PeerRole { get; }

    /// <summary>How long each read waits before it has failed; <see cref="Timeout.InfiniteTimeSpan"/> for
    /// ever.</summary>
    public TimeSpan Patience
    {
        get => _bytes.Patience;
        set => _bytes.Patience = value;
    }

    /// <summary>What went over the wire.</summary>
    public Transcript Transcript { get; } = new();

    /// <summary>The address of this end.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The last head of HTTP that came.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Whether the other end has ended the transport by a reset.</summary>
    public bool WasReset => _bytes.WasReset;

    /// <summary>Compresses what is sent; null without the extension.</summary>
    public Deflater? Deflater { get; set; }

    /// <summary>Decompresses what comes; null without the extension.</summary>
    public Inflater? Inflater
    {
        get;
        set
        {
            field = value;
            _frames.TakesReserved1 = value is not null;
        }
    }

    private bool Masks => PeerRole == WebSocketRole.Server;

    /// <summary>Makes the bytes of frames, masked as this end has to.</summary>
    /// <param name="frames">The frames.</param>
    public byte[] Encode(params IReadOnlyList<Frame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return frames.Count == 1 ? frames[0].Encode(Masks) : [.. frames.SelectMany(frame => frame.Encode(Masks))];
    }

    /// <summary>Sends text, such as a head of HTTP.</summary>
    /// <param name="text">The text, in Latin-1.</param>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes. That the other end has gone is no failure here: what is read says whether it should
    /// have.</summary>
    /// <param name="bytes">The bytes.</param>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Transcript.Sent(bytes.Span);
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Sends frames in one piece.</summary>
    /// <param name="frames">The frames.</param>
    public Task SendFramesAsync(params IReadOnlyList<Frame> frames) => SendAsync(Encode(frames));

    /// <summary>Ends this side of the transport.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Ends the transport at once, by a reset.</summary>
    public void Abort()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }

        _socket.Dispose();
    }

    /// <summary>Reads a head of HTTP, to the empty line.</summary>
    /// <exception cref="WireException">The transport ended before, or nothing came.</exception>
    public async Task<string> ReadHeadAsync()
    {
        Head = await _bytes.ReadHeadAsync() ?? throw new WireException("The transport ended before a head.");
        return Head;
    }

    /// <summary>Finds the lines of a header in the last head, without their blanks.</summary>
    /// <param name="name">The name, in any case.</param>
    public string[] HeaderLines(string name) =>
        [.. Head.Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim(' ', '\t'))];

    /// <summary>Reads so many bytes that are no frames.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The bytes; null when the transport ends before the first of them.</returns>
    /// <exception cref="WireException">The transport ended between them, or nothing came.</exception>
    public Task<byte[]?> ReadBytesAsync(int count) => _bytes.ReadAsync(count);

    /// <summary>Reads the next frame.</summary>
    /// <returns>The frame, not masked any more; null at the end of the transport.</returns>
    /// <exception cref="WireException">The other end must not send this, or nothing came.</exception>
    public Task<Frame?> ReadFrameAsync() => _frames.ReadAsync();

    /// <summary>Puts a frame that is no control frame to those before it.</summary>
    /// <param name="frame">The next frame.</param>
    /// <returns>The message that it ends; null when more fragments are to follow.</returns>
    /// <exception cref="WireException">It must not be here, or the message is not what it says to be.</exception>
    public WireMessage? Join(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return _messages.Add(frame, Inflater);
    }

    /// <summary>Ends the transport.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }
}
