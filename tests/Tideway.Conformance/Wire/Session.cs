using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Wire;

/// <summary>One connection to the end under test: sends whatever a case says, and reads strictly.</summary>
/// <remarks>
/// Pongs and messages have no order between each other (RFC 6455 §5.5.3), so each kind waits in a queue of its own.
/// What no step has asked for by the end is a failure, too.
/// </remarks>
internal sealed class Session : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ByteReader _bytes;
    private readonly FrameReader _frames;
    private readonly Queue<Frame> _controls = new();
    private readonly Queue<Received> _messages = new();
    private readonly List<Frame> _fragments = [];
    private readonly HashSet<uint> _keys = [];
    private Frame? _close;
    private bool _ended;

    public Session(Socket socket, Stream stream, WebSocketRole role, TimeSpan patience)
    {
        (_socket, _stream, Role) = (socket, stream, role);
        _bytes = new ByteReader(stream, Transcript, patience);
        _frames = new FrameReader(_bytes, masked: role == WebSocketRole.Client);
    }

    /// <summary>The role of the end under test.</summary>
    public WebSocketRole Role { get; }

    public Transcript Transcript { get; } = new();

    /// <summary>Whether what was sent ends inside a frame, so that nothing more of this end can be told
    /// apart.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Whether a close frame was sent, good or bad.</summary>
    public bool CloseSent { get; set; }

    /// <summary>Whether no clean end is to follow: the script has ended the connection.</summary>
    public bool IsOver { get; set; }

    /// <summary>The key of the opening handshake, of a server or of a client.</summary>
    public string Key { get; set; } = "dGhlIHNhbXBsZSBub25jZQ==";

    public int LocalPort => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>The last head of HTTP that came.</summary>
    public string Head { get; private set; } = "";

    /// <summary>What a client under test makes of the handshake.</summary>
    public Task<WebSocketConnection>? Connecting { get; init; }

    /// <summary>The masking keys of the client under test, each once.</summary>
    public IReadOnlyCollection<uint> Keys => _keys;

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

    private bool Masks => Role == WebSocketRole.Server;

    /// <summary>The bytes of frames, all of which are going to be sent.</summary>
    public byte[] Encode(params IReadOnlyList<Frame> frames)
    {
        CloseSent |= frames.Any(frame => frame.Opcode == Frame.CloseCode);
        return frames.Count == 1 ? frames[0].Encode(Masks) : [.. frames.SelectMany(frame => frame.Encode(Masks))];
    }

    /// <summary>The bytes of a frame of which only the first are going to be sent.</summary>
    public byte[] EncodeTorn(Frame frame)
    {
        IsTorn = true;
        return frame.Encode(Masks);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Transcript.Sent(bytes.Span);
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // The other end may have closed already: what is read says whether it should have.
        }
    }

    public Task SendFramesAsync(params IReadOnlyList<Frame> frames) => SendAsync(Encode(frames));

    /// <summary>Ends this side of the transport.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It has ended already.
        }
    }

    public async Task<string> ReadHeadAsync()
    {
        Head = await _bytes.ReadHeadAsync() ?? throw new CaseFailedException("The transport ended before a head.");
        return Head;
    }

    /// <summary>The lines of a header in the last head, without their blanks.</summary>
    public string[] HeaderLines(string name) =>
        [.. Head.Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim(' ', '\t'))];

    /// <summary>Reads the next message.</summary>
    public async Task<Received> ReadMessageAsync()
    {
        while (_messages.Count == 0)
            if (!await PumpAsync()) Fail($"A message was expected, not {EndName}.");
        return _messages.Dequeue();
    }

    /// <summary>Reads the next ping or pong.</summary>
    public async Task<Frame> ReadControlAsync()
    {
        while (_controls.Count == 0)
            if (!await PumpAsync()) Fail($"A ping or pong was expected, not {EndName}.");
        return _controls.Dequeue();
    }

    /// <summary>Reads the close frame, before which nothing else may come.</summary>
    public async Task<Frame> ReadCloseAsync()
    {
        while (_close is null)
        {
            CheckNothingElse();
            if (!await PumpAsync() && _close is null) Fail($"A close frame was expected, not {EndName}.");
        }

        CheckNothingElse();
        return _close;
    }

    /// <summary>Ends the transport as the roles demand, once both close frames were sent: the server first (RFC 6455
    /// §7.1.1).</summary>
    public async Task EndAsync()
    {
        IsOver = true;
        if (!CloseSent && !IsTorn) await SendFramesAsync(_close ?? Frame.Close());
        if (Role == WebSocketRole.Client || IsTorn) EndSending();
        await ReadEndAsync();
    }

    /// <summary>Reads the end of the transport, before which nothing else may come.</summary>
    public async Task ReadEndAsync()
    {
        IsOver = true;
        CheckNothingElse();
        if (!_ended && await _frames.ReadAsync() is { } frame) Fail($"The end was expected, not {frame}.");
        CheckEnd();
    }

    /// <summary>Reads the end of the transport, which may be a reset: the end under test gave up.</summary>
    public async Task ReadCutAsync()
    {
        IsOver = true;
        CheckNothingElse();
        if (await _frames.ReadAsync() is { } frame) Fail($"The end was expected, not {frame}.");
    }

    /// <summary>Reads the end of the transport where there are no frames.</summary>
    public async Task ReadHttpEndAsync()
    {
        IsOver = true;
        if (await _bytes.ReadAsync(1) is not null) Fail("The end was expected, not more bytes.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
        if (Connecting is { IsFaulted: true }) _ = Connecting.Exception;
    }

    [DoesNotReturn]
    private static void Fail(string message) => throw new CaseFailedException(message);

    private string EndName => _close is not null ? $"the close frame {Describe(_close)}" : "the end of the transport";

    public static string Describe(Frame close) => close.Payload.Length < 2
        ? "without a code"
        : $"{(close.Payload[0] << 8) | close.Payload[1]} '{Encoding.UTF8.GetString(close.Payload.AsSpan(2))}'";

    private void CheckEnd()
    {
        _ended = true;
        if (_bytes.WasReset) Fail("The transport was reset.");
    }

    private void CheckNothingElse()
    {
        if (_messages.TryPeek(out Received? message)) Fail($"A message came that nothing asked for: {message}.");
        if (_controls.TryPeek(out Frame? control)) Fail($"A frame came that nothing asked for: {control}.");
    }

    /// <summary>Reads one frame into its queue; false at a close or the end.</summary>
    private async Task<bool> PumpAsync()
    {
        if (_close is not null || _ended) return false;
        if (await _frames.ReadAsync() is not { } frame)
        {
            CheckEnd();
            return false;
        }

        if (Role == WebSocketRole.Client) _keys.Add(frame.Key);
        if (frame.Opcode == Frame.CloseCode) _close = frame;
        else if (frame.IsControl) _controls.Enqueue(frame);
        else Join(frame);
        return _close is null;
    }

    private void Join(Frame frame)
    {
        if ((_fragments.Count > 0) != (frame.Opcode == Frame.ContinuationCode)) Fail($"Out of sequence: {frame}.");
        _fragments.Add(frame);
        if (!frame.Fin) return;
        byte[] payload = _fragments.Count == 1 ? frame.Payload : [.. _fragments.SelectMany(part => part.Payload)];
        Frame first = _fragments[0];
        bool compressed = first.Reserved == 4;
        if (compressed) payload = Inflater!.Inflate(payload);
        if (first.Opcode == Frame.TextCode && !Utf8.IsValid(payload)) Fail("A text message is not UTF-8.");
        _messages.Enqueue(
            new Received(first.Opcode, payload, [.. _fragments.Select(part => part.Payload.Length)], compressed));
        _fragments.Clear();
    }
}
