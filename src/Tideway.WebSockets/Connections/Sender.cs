using System.Buffers;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>The sending half of a connection: frames that wait for the channel, and messages that wait for room.</summary>
/// <remarks>
/// Safe from any thread. A message that fits below the limit is framed at once. Others wait in order, and are framed
/// piece by piece as the channel takes bytes, so that neither a large message nor a slow peer grows memory.
/// </remarks>
internal sealed class Sender(WebSocketConnection connection, WebSocketRole role, WebSocketConnectionOptions options)
{
    private const int SmallestBuffer = 4096;

    private readonly Lock _gate = new();
    private readonly LinkedList<WaitingMessage> _waiting = new();
    private byte[]? _filling;
    private int _filled;
    private byte[]? _writing;
    private int _writingLength;
    private byte[]? _waitingPong;
    private bool _active;
    private CloseReason? _closed;
    private long _messages;
    private long _bytes;

    /// <summary>Messages sent, and their payload bytes.</summary>
    public (long Messages, long Bytes) Sent => (Interlocked.Read(ref _messages), Interlocked.Read(ref _bytes));

    private int Backlog => _filled + _writingLength;

    /// <summary>Sends a message, or a ping. Completes when its last byte is below the limit of what waits for the peer.</summary>
    public ValueTask SendAsync(Opcode opcode, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);

        WaitingMessage? message = null;
        bool start;
        lock (_gate)
        {
            if (_closed is not null) return ValueTask.FromException(new ConnectionClosedException(_closed));
            if (opcode != Opcode.Ping) Count(payload.Length);
            long length = FrameWriter.WireLength(role, payload.Length, options.FragmentSize);
            if (_waiting.Count == 0 && Backlog + length <= options.SendBacklogLimit)
            {
                Write(opcode, payload.Span, (int)length);
            }
            else
            {
                _waiting.AddLast(message = new WaitingMessage(role, opcode, payload, options.FragmentSize));
                Fill();
            }

            start = Activate();
        }

        if (start) connection.Channel.StartWriting();
        return message is null ? ValueTask.CompletedTask : new ValueTask(WaitAsync(message, cancellationToken));
    }

    /// <summary>Answers a ping. While the peer reads nothing, only the latest one is answered (RFC 6455 §5.5.3).</summary>
    public void SendPong(ReadOnlySpan<byte> payload)
    {
        bool start;
        lock (_gate)
        {
            if (_closed is not null) return;
            if (_waiting.Count == 0 && Backlog < options.SendBacklogLimit) WriteControl(Opcode.Pong, payload);
            else _waitingPong = payload.ToArray();
            start = Activate();
        }

        if (start) connection.Channel.StartWriting();
    }

    /// <summary>Sends a close frame behind all that was accepted; no send is accepted from now on.</summary>
    /// <returns>The reason of the first close: another one than the given if there was one before, which stands.</returns>
    public CloseReason Close(CloseCode code, string text, CloseReason reason)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        payload = payload[..ClosePayload.Write(code, text, payload)];
        bool start;
        lock (_gate)
        {
            if (_closed is not null) return _closed;
            _closed = reason;
            if (_waiting.Count == 0) WriteControl(Opcode.Close, payload);
            else _waiting.AddLast(new WaitingMessage(role, Opcode.Close, payload.ToArray(), 0));
            start = Activate();
        }

        if (start) connection.Channel.StartWriting();
        return reason;
    }

    /// <summary>Takes the next chunk to write; false when there is none, and the writer is to stop.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> chunk)
    {
        bool closed;
        lock (_gate)
        {
            if (_filled > 0)
            {
                (_writing, _writingLength) = (_filling, _filled);
                (_filling, _filled) = (null, 0);
                chunk = _writing.AsMemory(0, _writingLength);
                return true;
            }

            _active = false;
            closed = _closed is not null;
        }

        chunk = default;
        if (closed) connection.CloseWritten();
        return false;
    }

    /// <summary>Takes back the chunk that was written, and frames what has room now.</summary>
    public void Written()
    {
        lock (_gate)
        {
            if (_writing is not null) ArrayPool<byte>.Shared.Return(_writing);
            (_writing, _writingLength) = (null, 0);
            Fill();
        }
    }

    /// <summary>Gives up everything that was not written: the transport is gone.</summary>
    public void Fail(CloseReason reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            foreach (WaitingMessage message in _waiting) message.Fail(new ConnectionClosedException(_closed));
            _waiting.Clear();
            if (_filling is not null) ArrayPool<byte>.Shared.Return(_filling);
            (_filling, _filled, _waitingPong) = (null, 0, null);
        }
    }

    private async Task WaitAsync(WaitingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await message.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nothing of a cancelled message may pile up behind a peer that reads nothing.
            lock (_gate)
            {
                if (!message.IsBegun) _waiting.Remove(message);
            }

            throw;
        }
    }

    private void Count(int payloadLength)
    {
        _messages++;
        _bytes += payloadLength;
    }

    private bool Activate() => !_active && (_active = _filled > 0);

    private void Write(Opcode opcode, ReadOnlySpan<byte> payload, int length)
    {
        var writer = new FrameWriter(role, opcode, payload.Length, opcode == Opcode.Ping ? 0 : options.FragmentSize);
        _filled += writer.Write(payload, Room(length));
    }

    private void WriteControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var writer = new FrameWriter(role, opcode, payload.Length, 0);
        _filled += writer.Write(payload, Room(payload.Length + FrameHeader.MaxLength));
    }

    /// <summary>Frames the messages that wait, up to the limit.</summary>
    private void Fill()
    {
        while (Backlog < options.SendBacklogLimit)
        {
            WaitingMessage? message = _waiting.First?.Value;
            if (_waitingPong is { } pong && (message is null || message.IsBetweenFrames))
            {
                _waitingPong = null;
                WriteControl(Opcode.Pong, pong);
                continue;
            }

            if (message is null) return;

            // A limit that is smaller than a header must not keep everything waiting.
            int least = Backlog == 0 ? FrameHeader.MaxLength + 1 : 0;
            int room = Math.Min(Math.Max(options.SendBacklogLimit - Backlog, least), message.MostBytes);
            int written = message.Write(Room(room)[..room]);
            _filled += written;
            if (message.TryFinish()) _waiting.RemoveFirst();
            else if (written == 0) return;
        }
    }

    private Span<byte> Room(int length)
    {
        int needed = _filled + length;
        if (_filling is null || _filling.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(SmallestBuffer, 2 * _filled)));
            if (_filling is not null)
            {
                _filling.AsSpan(0, _filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_filling);
            }

            _filling = larger;
        }

        return _filling.AsSpan(_filled);
    }
}
