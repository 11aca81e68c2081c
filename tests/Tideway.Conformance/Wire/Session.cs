using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text;
using Tideway.Testing.Wire;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Wire;

/// <summary>One connection to the end under test, and what a case has seen of it so far.</summary>
/// <remarks>
/// Pongs and messages have no order between each other (RFC 6455 §5.5.3), so each kind waits in a queue of its own.
/// What no step has asked for by the end is a failure, too.
/// </remarks>
internal sealed class Session : IAsyncDisposable
{
    private readonly WireConnection _wire;
    private readonly Queue<Frame> _controls = new();
    private readonly Queue<WireMessage> _messages = new();
    private readonly HashSet<uint> _keys = [];
    private Frame? _close;
    private bool _ended;

    public Session(Socket socket, Stream stream, WebSocketRole role, TimeSpan patience) =>
        _wire = new WireConnection(socket, stream, role, patience);

    /// <summary>The role of the end under test.</summary>
    public WebSocketRole Role => _wire.PeerRole;

    public Transcript Transcript => _wire.Transcript;

    /// <summary>Whether what was sent ends inside a frame, so that nothing more of this end can be told
    /// apart.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Whether a close frame was sent, good or bad.</summary>
    public bool CloseSent { get; set; }

    /// <summary>Whether no clean end is to follow: the script has ended the connection.</summary>
    public bool IsOver { get; set; }

    /// <summary>The key of the opening handshake, of a server or of a client.</summary>
    public string Key { get; set; } = "dGhlIHNhbXBsZSBub25jZQ==";

    public int LocalPort => _wire.LocalEndPoint.Port;

    /// <summary>The last head of HTTP that came.</summary>
    public string Head => _wire.Head;

    /// <summary>What a client under test makes of the handshake.</summary>
    public Task<WebSocketConnection>? Connecting { get; init; }

    /// <summary>The masking keys of the client under test, each once.</summary>
    public IReadOnlyCollection<uint> Keys => _keys;

    /// <summary>Compresses what is sent; null without the extension.</summary>
    public Deflater? Deflater
    {
        get => _wire.Deflater;
        set => _wire.Deflater = value;
    }

    private string EndName => _close is not null ? $"the close frame {Describe(_close)}" : "the end of the transport";

    public static string Describe(Frame close) => close.Payload.Length < 2
        ? "without a code"
        : $"{(close.Payload[0] << 8) | close.Payload[1]} '{Encoding.UTF8.GetString(close.Payload.AsSpan(2))}'";

    /// <summary>Lets the messages be compressed as an answer says.</summary>
    public void Agree(DeflateTerms terms) => terms.Apply(_wire);

    /// <summary>The bytes of frames, all of which are going to be sent.</summary>
    public byte[] Encode(params IReadOnlyList<Frame> frames)
    {
        CloseSent |= frames.Any(frame => frame.Opcode == Frame.CloseOpcode);
        return _wire.Encode(frames);
    }

    /// <summary>The bytes of a frame of which only the first are going to be sent.</summary>
    public byte[] EncodeTorn(Frame frame)
    {
        IsTorn = true;
        return _wire.Encode(frame);
    }

    public Task SendAsync(string text) => _wire.SendAsync(text);

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _wire.SendAsync(bytes);

    public Task SendFramesAsync(params IReadOnlyList<Frame> frames) => SendAsync(Encode(frames));

    /// <summary>Ends this side of the transport.</summary>
    public void EndSending() => _wire.EndSending();

    public Task<string> ReadHeadAsync() => _wire.ReadHeadAsync();

    /// <summary>The lines of a header in the last head, without their blanks.</summary>
    public string[] HeaderLines(string name) => _wire.HeaderLines(name);

    /// <summary>Reads the next message.</summary>
    public async Task<WireMessage> ReadMessageAsync()
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
        if (!_ended && await _wire.ReadFrameAsync() is { } frame) Fail($"The end was expected, not {frame}.");
        CheckEnd();
    }

    /// <summary>Reads the end of the transport, which may be a reset: the end under test gave up.</summary>
    public async Task ReadCutAsync()
    {
        IsOver = true;
        CheckNothingElse();
        if (await _wire.ReadFrameAsync() is { } frame) Fail($"The end was expected, not {frame}.");
    }

    /// <summary>Reads the end of the transport where there are no frames.</summary>
    public async Task ReadHttpEndAsync()
    {
        IsOver = true;
        if (await _wire.ReadBytesAsync(1) is not null) Fail("The end was expected, not more bytes.");
    }

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        if (Connecting is { IsFaulted: true }) _ = Connecting.Exception;
    }

    [DoesNotReturn]
    private static void Fail(string message) => throw new CaseFailedException(message);

    private void CheckEnd()
    {
        _ended = true;
        if (_wire.WasReset) Fail("The transport was reset.");
    }

    private void CheckNothingElse()
    {
        if (_messages.TryPeek(out WireMessage? message)) Fail($"A message came that nothing asked for: {message}.");
        if (_controls.TryPeek(out Frame? control)) Fail($"A frame came that nothing asked for: {control}.");
    }

    /// <summary>Reads one frame into its queue; false at a close or the end.</summary>
    private async Task<bool> PumpAsync()
    {
        if (_close is not null || _ended) return false;
        if (await _wire.ReadFrameAsync() is not { } frame)
        {
            CheckEnd();
            return false;
        }

        if (Role == WebSocketRole.Client) _keys.Add(frame.Key);
        if (frame.Opcode == Frame.CloseOpcode) _close = frame;
        else if (frame.IsControl) _controls.Enqueue(frame);
        else if (_wire.Join(frame) is { } message) _messages.Enqueue(message);
        return _close is null;
    }
}
