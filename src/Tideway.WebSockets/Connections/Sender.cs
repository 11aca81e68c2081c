using System.Buffers;
using System.Text;
using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>The sending half of a connection: frames that wait for the channel, and messages that wait for
/// room.</summary>
/// <remarks>
/// Safe from any thread. A message that fits below the limit is framed at once. Others wait in order, and leave piece
/// by piece as the channel takes bytes, so that neither a large message nor a slow peer grows memory. Of a large
/// message only the frame headers are copied. One thread writes at a time: whoever found nobody writing.
/// A message is compressed when it is framed, inside the gate: so messages are compressed in the order in which they
/// leave, as a common context needs it, and one that is dropped or taken back was not compressed. Whether there is room
/// is judged before, by its length as it is.
/// </remarks>
internal sealed class Sender(WebSocketConnection connection)
{
    /// <summary>From this size on a payload is sent from where it is, which then costs less than a copy.</summary>
    public const int LargePayload = 64 * 1024;

    private const int SmallestBuffer = 4096;

    private SpinGate _gate;

    // Frames being gathered; the chunk being written; the part of a large message that is written behind it.
    private byte[]? _filling;
    private int _filled;
    private byte[]? _writing;
    private int _writingStart;
    private int _writingEnd;
    private ReadOnlyMemory<byte> _direct;

    private LinkedList<WaitingMessage>? _waiting;
    private TaskCompletionSource? _drained;
    private byte[]? _waitingPong;
    private CloseReason? _closed;
    private bool _active;
    private bool _stalled;
    private bool _parked;
    private bool _progressed;
    private bool _isGone;
    private long _messages;
    private long _bytes;
    private long _dropped;

    /// <summary>Messages accepted.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Payload bytes of the messages accepted.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Messages dropped because too much waited for the peer.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Bytes framed and not taken by the transport yet.</summary>
    public int Backlog => Volatile.Read(ref _filled) + Math.Max(0, _writingEnd - _writingStart);

    private WebSocketRole Role => connection.Role;

    private WebSocketConnectionOptions Options => connection.Options;

    private bool HasWaiting => _waiting is { Count: > 0 };

    private bool HasRoom => Backlog < Options.SendBacklogLimit;

    /// <summary>Sends a message, or a ping. Completes when its last byte is below the limit of what waits for the
    /// peer.</summary>
    public ValueTask SendAsync(
        Opcode opcode,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken,
        bool mayCompress = true)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        MessageDeflater? deflater = DeflaterFor(opcode, payload.Length, mayCompress);
        return Accept(opcode, payload, mustNotWait: false, deflater) switch
        {
            SendStatus.Sent or SendStatus.Queued => ValueTask.CompletedTask,
            SendStatus.Closed => ValueTask.FromException(new ConnectionClosedException(_closed!)),
            _ => SendSlowly(opcode, payload, deflater, cancellationToken),
        };
    }

    /// <summary>Sends a string as a text message.</summary>
    public ValueTask SendTextAsync(string text, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, buffer);
        ValueTask sent = SendAsync(Opcode.Text, buffer.AsMemory(0, length), cancellationToken);
        if (!sent.IsCompletedSuccessfully) return ReturnAfterAsync(sent, buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        return sent;
    }

    /// <summary>Sends a message if there is room for it now, or nothing else waits.</summary>
    public SendStatus TrySend(Opcode opcode, ReadOnlyMemory<byte> payload, bool mayCompress = true)
    {
        MessageDeflater? deflater = DeflaterFor(opcode, payload.Length, mayCompress);
        SendStatus status = Accept(opcode, payload, mustNotWait: true, deflater);
        if (status == SendStatus.Dropped) Interlocked.Increment(ref _dropped);
        return status;
    }

    /// <summary>Sends an empty ping, if there is room for it now.</summary>
    public bool TrySendPing() =>
        Accept(Opcode.Ping, default, mustNotWait: true, null) is SendStatus.Sent or SendStatus.Queued;

    /// <summary>Tells whether a peer for which something waited took some of it since this was asked last.</summary>
    public bool TakeProgress()
    {
        using (_gate.Enter())
        {
            bool progressed = _progressed;
            _progressed = false;
            return progressed;
        }
    }

    /// <summary>Answers a ping. While the peer reads nothing, only the latest one is answered (RFC 6455
    /// §5.5.3).</summary>
    public void SendPong(ReadOnlySpan<byte> payload)
    {
        connection.Channel.BeginSend();
        bool start;
        using (_gate.Enter())
        {
            if (_closed is not null) return;
            if (!HasWaiting && HasRoom) WriteFrame(Opcode.Pong, payload);
            else _waitingPong = payload.ToArray();
            start = Activate();
        }

        if (start) connection.Channel.StartWriting();
    }

    /// <summary>Sends a close frame behind all that was accepted; no send is accepted from now on.</summary>
    /// <returns>The reason of the first close: another one than the given if there was one before, which
    /// stands.</returns>
    public CloseReason Close(CloseCode code, string text, CloseReason reason)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayload];
        payload = payload[..ClosePayload.Write(code, text, payload)];
        if (connection.Channel.IsCurrent) connection.Channel.BeginSend();
        bool start;
        using (_gate.Enter())
        {
            if (_closed is not null) return _closed;
            _closed = reason;
            if (!HasWaiting) WriteFrame(Opcode.Close, payload);
            else _waiting!.AddLast(new WaitingMessage(Role, Opcode.Close, payload.ToArray(), 0));
            start = Activate();
        }

        if (start) connection.Channel.StartWriting();
        return reason;
    }

    /// <summary>Completes when the transport has taken all that was accepted, or the connection is lost.</summary>
    public Task WaitUntilDrained()
    {
        using (_gate.Enter())
        {
            if (!_active || _isGone) return Task.CompletedTask;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Takes the next chunk to write; false when there is none, and the writer is to stop.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> chunk)
    {
        bool closed;
        using (_gate.Enter())
        {
            _parked = false;
            if (_isGone) GiveUp();
            if (_writing is null && _filled > 0)
            {
                (_writing, _writingStart, _writingEnd) = (_filling, 0, _filled);
                (_filling, _filled) = (null, 0);
            }

            chunk = _writing is not null ? _writing.AsMemory(_writingStart, _writingEnd - _writingStart) : _direct;
            if (chunk.Length > 0) return true;

            _active = false;
            closed = _closed is not null && !_isGone;
            _drained?.TrySetResult();
            _drained = null;
        }

        if (closed) connection.CloseWritten();
        return false;
    }

    /// <summary>Takes back what was written of the chunk, and frames what has room now.</summary>
    public void Written(int count)
    {
        using (_gate.Enter())
        {
            if (_isGone) return;
            bool wasStalled = _stalled;
            _stalled = false;
            if (_writing is null)
            {
                _direct = _direct[count..];
            }
            else
            {
                _writingStart += count;
                if (_writingStart == _writingEnd) ReturnWriting();
            }

            // A peer so fast that nothing stalls makes progress, too, as long as there is more for it.
            _progressed |= count > 0 && (wasStalled || HasWaiting || _direct.Length > 0);
            if (HasWaiting || _waitingPong is not null) Fill();
        }
    }

    /// <summary>The chunk is being written, and does not leave at once: the peer reads slowly.</summary>
    public void Stall()
    {
        using (_gate.Enter()) _stalled = true;
    }

    /// <summary>As <see cref="Written"/>, when the peer reads too slowly to take the rest now, and the writer
    /// stops.</summary>
    public void WrittenInPart(int count)
    {
        Written(count);
        using (_gate.Enter())
        {
            _stalled = _parked = true;
            if (_isGone) GiveUp();
            if (_writing is null) return;

            // The chunk may lie in a buffer that others need, too: keep no more than the rest.
            int rest = _writingEnd - _writingStart;
            byte[] kept = ArrayPool<byte>.Shared.Rent(rest);
            _writing.AsSpan(_writingStart, rest).CopyTo(kept);
            connection.Channel.ReturnBuffer(_writing);
            (_writing, _writingStart, _writingEnd) = (kept, 0, rest);
        }
    }

    /// <summary>Ends the writing: the transport takes nothing any more.</summary>
    public void WriteFailed()
    {
        using (_gate.Enter())
        {
            _active = false;
            GiveUp();
        }
    }

    /// <summary>Gives up everything that was not written: the transport is gone.</summary>
    public void Fail(CloseReason reason)
    {
        using (_gate.Enter())
        {
            _closed ??= reason;
            _isGone = true;
            foreach (WaitingMessage message in _waiting ?? []) message.Fail(new ConnectionClosedException(_closed));
            _waiting?.Clear();
            _drained?.TrySetResult();
            connection.Compression?.Deflater.Dispose();

            // What some thread is writing at this moment is that thread's to give back: it will fail.
            if (!_active || _parked || _writing is null) GiveUp();
        }
    }

    /// <summary>Frames a message if there is room for it. <see cref="SendStatus.Dropped"/> says that there is
    /// none.</summary>
    private SendStatus Accept(
        Opcode opcode, ReadOnlyMemory<byte> payload, bool mustNotWait, MessageDeflater? deflater)
    {
        bool isCurrent = connection.Channel.IsCurrent;
        if (isCurrent) connection.Channel.BeginSend();
        if (payload.Length >= LargePayload && !mustNotWait) return SendStatus.Dropped;
        SendStatus status = TryFrame(opcode, payload.Span, mustNotWait, deflater, out bool start);
        if (status == SendStatus.Dropped && isCurrent)
        {
            // What was gathered in this turn is no backlog yet.
            connection.Channel.Flush();
            status = TryFrame(opcode, payload.Span, mustNotWait, deflater, out start);
        }

        if (start) connection.Channel.StartWriting();
        return status;
    }

    private SendStatus TryFrame(
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        bool mustNotWait,
        MessageDeflater? deflater,
        out bool start)
    {
        start = false;
        using (_gate.Enter())
        {
            if (_closed is not null) return SendStatus.Closed;
            if (HasWaiting) return SendStatus.Dropped;
            int fragmentSize = FragmentSizeOf(opcode);
            long length = FrameWriter.WireLength(Role, payload.Length, fragmentSize);
            if (Backlog + length > Options.SendBacklogLimit && !(mustNotWait && Backlog == 0))
                return SendStatus.Dropped;
            if (opcode != Opcode.Ping) Count(payload.Length);
            if (deflater is not null && deflater.Deflate(payload, out int deflatedLength) is { } deflated)
            {
                WriteFrames(opcode, deflated.AsSpan(0, deflatedLength), fragmentSize, compressed: true);
                ArrayPool<byte>.Shared.Return(deflated);
            }
            else if (payload.Length <= fragmentSize || fragmentSize == 0)
            {
                WriteFrame(opcode, payload);
            }
            else
            {
                WriteFrames(opcode, payload, fragmentSize, compressed: false);
            }

            start = Activate();
            return _stalled ? SendStatus.Queued : SendStatus.Sent;
        }
    }

    /// <summary>Sends what has no room now, or is so large that it leaves in pieces anyway, as the policy has
    /// it.</summary>
    private ValueTask SendSlowly(
        Opcode opcode,
        ReadOnlyMemory<byte> payload,
        MessageDeflater? deflater,
        CancellationToken cancellationToken)
    {
        WaitingMessage? message = null;
        bool start = false;
        SlowConsumerPolicy policy = Options.SlowConsumerPolicy;
        using (_gate.Enter())
        {
            if (_closed is not null) return ValueTask.FromException(new ConnectionClosedException(_closed));
            bool isSlow = HasWaiting || _stalled;
            if (!isSlow || opcode == Opcode.Ping || policy == SlowConsumerPolicy.Wait)
            {
                if (opcode != Opcode.Ping) Count(payload.Length);
                message = new WaitingMessage(Role, opcode, payload, FragmentSizeOf(opcode), deflater);
                (_waiting ??= new LinkedList<WaitingMessage>()).AddLast(message);
                Fill();
                start = Activate();
            }
        }

        if (message is null) return Refuse(policy);
        if (start) connection.Channel.StartWriting();
        if (connection.Channel.IsCurrent) connection.Channel.Flush();
        return !message.Done.IsCompleted && cancellationToken.CanBeCanceled
            ? new ValueTask(WaitAsync(message, cancellationToken))
            : new ValueTask(message.Done);
    }

    private async Task WaitAsync(WaitingMessage message, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => Cancel(message, token), null);
        await message.Done.ConfigureAwait(false);
    }

    /// <summary>Takes back a message that waits. One whose first byte is out has to be finished, from the caller's
    /// memory: its wait goes on.</summary>
    private void Cancel(WaitingMessage message, CancellationToken token)
    {
        using (_gate.Enter())
        {
            if (!message.IsBegun && _waiting!.Remove(message)) message.Cancel(token);
        }
    }

    private ValueTask Refuse(SlowConsumerPolicy policy)
    {
        Interlocked.Increment(ref _dropped);
        if (policy == SlowConsumerPolicy.Drop) return ValueTask.CompletedTask;
        connection.Close(new CloseReason(
            CloseCode.PolicyViolation, "the peer reads too slowly", CloseOrigin.Local, CloseCause.SendBacklog));
        return ValueTask.FromException(new ConnectionClosedException(_closed!));
    }

    private static async ValueTask ReturnAfterAsync(ValueTask sent, byte[] buffer)
    {
        // A lost connection may have been writing at that moment: such a buffer is left to the collector.
        await sent.ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private MessageDeflater? DeflaterFor(Opcode opcode, int length, bool mayCompress) =>
        connection.Compression is { Deflater: var deflater }
            && mayCompress && opcode != Opcode.Ping && deflater.Wants(length)
            ? deflater
            : null;

    private int FragmentSizeOf(Opcode opcode) => opcode == Opcode.Ping ? 0 : Options.FragmentSize;

    private void Count(int payloadLength)
    {
        _messages++;
        _bytes += payloadLength;
    }

    private bool Activate() => !_active && (_active = _filled > 0 || _direct.Length > 0);

    private void WriteFrame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> room = Room(payload.Length + FrameHeader.MaxLength);
        uint key = Role == WebSocketRole.Client ? MaskKeys.Next() : 0;
        int header = new FrameHeader(fin: true, opcode, Role == WebSocketRole.Client, key, payload.Length).Write(room);
        Span<byte> target = room.Slice(header, payload.Length);
        payload.CopyTo(target);
        if (Role == WebSocketRole.Client) Masking.Apply(target, key);
        _filled += header + payload.Length;
    }

    private void WriteFrames(Opcode opcode, ReadOnlySpan<byte> payload, int fragmentSize, bool compressed)
    {
        var writer = new FrameWriter(Role, opcode, payload.Length, fragmentSize, compressed);
        int length = (int)FrameWriter.WireLength(Role, payload.Length, fragmentSize);
        _filled += writer.Write(payload, Room(length));
    }

    /// <summary>Frames the messages that wait, up to the limit.</summary>
    private void Fill()
    {
        while (HasRoom && _direct.IsEmpty)
        {
            WaitingMessage? message = _waiting?.First?.Value;
            if (_waitingPong is { } pong && message is null or { IsBetweenFrames: true })
            {
                _waitingPong = null;
                WriteFrame(Opcode.Pong, pong);
                continue;
            }

            if (message is null) return;
            if (message.TryFinish())
            {
                _waiting!.RemoveFirst();
                continue;
            }

            message.Begin();
            if (message.TryBeginDirect(Room(FrameHeader.MaxLength), out int written, out _direct))
            {
                _filled += written;
                return;
            }

            // A limit that is smaller than a header must not keep everything waiting.
            int least = Backlog == 0 ? FrameHeader.MaxLength + 1 : 0;
            int most = _waitingPong is null ? message.MostBytes : message.FrameRemaining;
            int room = Math.Min(Math.Max(Options.SendBacklogLimit - Backlog, least), most);
            written = message.Write(Room(room)[..room]);
            _filled += written;
            if (written == 0 && !message.TryFinish()) return;
        }
    }

    private Span<byte> Room(int length)
    {
        int needed = _filled + length;
        if (_filling is null || _filling.Length < needed)
        {
            int size = Math.Max(needed, Math.Max(SmallestBuffer, 2 * _filled));

            // The channel may gather in a buffer of its own where it is going to be the writer.
            byte[] larger = _active ? ArrayPool<byte>.Shared.Rent(size) : connection.Channel.RentBuffer(size);
            if (_filling is not null)
            {
                _filling.AsSpan(0, _filled).CopyTo(larger);
                connection.Channel.ReturnBuffer(_filling);
            }

            _filling = larger;
        }

        return _filling.AsSpan(_filled);
    }

    private void ReturnWriting()
    {
        connection.Channel.ReturnBuffer(_writing!);
        (_writing, _writingStart, _writingEnd) = (null, 0, 0);
    }

    private void GiveUp()
    {
        if (_writing is not null) ReturnWriting();
        if (_filling is not null) connection.Channel.ReturnBuffer(_filling);
        (_filling, _filled, _direct, _waitingPong) = (null, 0, default, null);
    }
}
