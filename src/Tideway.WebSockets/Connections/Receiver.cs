using System.Buffers;
using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>The receiving half of a connection: the bytes not read yet, the message held, the receive that
/// waits.</summary>
/// <remarks>All of it runs on the channel's context, but <see cref="ReceiveElsewhereAsync"/>.</remarks>
internal sealed class Receiver(WebSocketConnection connection, WebSocketRole role) : IValueTaskSource<Message>
{
    /// <summary>The free bytes that a channel leaves in front of what it feeds, so that a cut frame becomes whole
    /// again.</summary>
    /// <remarks>What waits for more bytes is at most a header or a control frame: 139 bytes.</remarks>
    public const int Headroom = Engine.EventLoop.Headroom;

    /// <summary>How much is decompressed before the others on the context have their turn, in bytes.</summary>
    /// <remarks>What a turn receives is bounded, too, but a thousand times as much may come out of it.</remarks>
    private const int MostInflated = 1 << 18;

    private MessageReader _reader = new(role, maxPayload: 0);
    private ReceiveSource _source;
    private MessageOwner? _held;

    // The bytes received and not read yet. The buffer is the channel's during a feed, and ours otherwise.
    private byte[] _window = [];
    private int _start;
    private int _end;
    private bool _feeding;
    private bool _looking;

    // A message is wanted; somebody awaits it; a TryReceive wanted it and it came since.
    private bool _wanted;
    private bool _awaited;
    private MessageKind _ready;

    // A message is wanted that is beyond the rate, or beyond what may be decompressed at a time.
    private bool _throttled;
    private long _inflatedBefore;

    // What ends the stream of messages: a close message to deliver once, then the error.
    private CloseReason? _closed;
    private bool _hasCloseMessage;
    private CloseScanner? _scanner;

    /// <summary>Messages received.</summary>
    public long Messages { get; private set; }

    /// <summary>Payload bytes of the messages received.</summary>
    public long Bytes { get; private set; }

    /// <summary>Tells whether a message has begun and not ended.</summary>
    public bool IsInsideMessage => _reader.IsInsideMessage;

    /// <summary>Receives on the context: what is here already is answered without a wait.</summary>
    public ValueTask<Message> ReceiveAsync()
    {
        if (_closed is not null && !_hasCloseMessage && _ready == default && !_awaited)
            return ValueTask.FromException<Message>(new ConnectionClosedException(_closed));
        if (TryReceive(out Message message)) return new ValueTask<Message>(message);
        _awaited = true;
        _source.Begin();
        return new ValueTask<Message>(this, _source.Version);
    }

    /// <summary>Takes a message if a whole one is here; else one is wanted, and what comes is kept.</summary>
    public bool TryReceive(out Message message)
    {
        if (_awaited) throw new InvalidOperationException("Another receive waits already. One at a time.");
        if (_ready != default)
        {
            message = Message.Received(_ready, _held!.Held);
            _ready = default;
            return true;
        }

        _held?.Release();
        _wanted = !TryTakeNext(out message);
        return !_wanted;
    }

    /// <summary>Receives on the context, until the token ends the wait. What has come in by then is kept.</summary>
    public async ValueTask<Message> ReceiveCancelableAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<Message> receive = ReceiveAsync();
        short number = _source.Version;
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => connection.Channel.Post(_ => CancelWait(number, token), null), null);
        return await receive;
    }

    /// <summary>Receives from any thread, by a receive on the context.</summary>
    public ValueTask<Message> ReceiveElsewhereAsync(CancellationToken cancellationToken)
    {
        var received = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Channel.Post(async _ => await ReceiveIntoAsync(received, cancellationToken), null);
        return new ValueTask<Message>(received.Task);
    }

    /// <summary>Takes bytes from the channel; false asks it to pause until
    /// <see cref="Channel.ResumeReading"/>.</summary>
    /// <param name="buffer">A buffer with <see cref="Headroom"/> free bytes before <paramref name="start"/>.</param>
    /// <param name="start">Where the new bytes begin.</param>
    /// <param name="end">Where they end.</param>
    public bool Feed(byte[] buffer, int start, int end)
    {
        int left = _end - _start;
        Debug.Assert(left <= Headroom);
        if (left > 0) _window.AsSpan(_start, left).CopyTo(buffer.AsSpan(start - left));
        LetGoOfWindow();
        (_window, _start, _end, _feeding) = (buffer, start - left, end, true);

        BeginTurn();
        Serve();
        bool wantsBytes = (_wanted && !_throttled) || !IsDataWaiting();
        _feeding = false;
        KeepRest();
        return wantsBytes;
    }

    /// <summary>Another second or turn has begun: what was too much for the last may come now.</summary>
    public void GoOn()
    {
        if (!_throttled) return;
        _throttled = false;
        BeginTurn();
        Serve();
    }

    /// <summary>Ends the messages: one that says why, then errors. What comes in is only searched for a close
    /// frame.</summary>
    public void EndWithMessage(CloseReason reason)
    {
        (_closed, _hasCloseMessage) = (reason, true);
        DiscardRest();
        if (!_feeding) LetGoOfWindow();
        connection.ResumeReading();
        if (_awaited) Answer();
    }

    /// <summary>Ends the messages with an error, unless they were ended before.</summary>
    public void EndWithError(CloseReason reason)
    {
        if (_closed is not null) return;
        _closed = reason;
        if (_awaited) Answer();
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        connection.Compression?.Inflater.Dispose();
        if (_feeding) return;
        LetGoOfWindow();
    }

    Message IValueTaskSource<Message>.GetResult(short token)
    {
        MessageKind kind = _source.GetResult(token);
        return kind == MessageKind.Close ? Message.Closed(_closed!) : Message.Received(kind, _held!.Held);
    }

    ValueTaskSourceStatus IValueTaskSource<Message>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<Message>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private async Task ReceiveIntoAsync(TaskCompletionSource<Message> received, CancellationToken cancellationToken)
    {
        try
        {
            received.SetResult(await ReceiveCancelableAsync(cancellationToken));
        }
        catch (OperationCanceledException exception)
        {
            received.SetCanceled(exception.CancellationToken);
        }
        catch (Exception exception)
        {
            received.SetException(exception);
        }
    }

    /// <summary>Ends the wait of the receive with this number, if it still waits.</summary>
    private void CancelWait(short number, CancellationToken token)
    {
        if (!_awaited || number != _source.Version) return;
        _awaited = _wanted = false;
        _source.SetException(new OperationCanceledException(token), connection.Channel.Context);
    }

    /// <summary>Reads for whoever wants a message.</summary>
    private void Serve()
    {
        if (_awaited) Answer();
        else if (_wanted && ReadData(out Message ready)) (_ready, _wanted) = (ready.Kind, false);
    }

    /// <summary>Answers the receive that waits, if there is something to answer. Its waiter may run in here, and begin
    /// the next.</summary>
    private void Answer()
    {
        _awaited = false;
        bool found;
        Message message;
        try
        {
            found = TryTakeNext(out message);
        }
        catch (ConnectionClosedException exception)
        {
            _wanted = false;
            _source.SetException(exception, connection.Channel.Context);
            return;
        }

        if (!found)
        {
            _awaited = true;
            return;
        }

        _wanted = false;
        _source.SetResult(message.Kind, connection.Channel.Context);
    }

    /// <summary>Takes the next message, or the one that ends them.</summary>
    /// <exception cref="ConnectionClosedException">There is none any more.</exception>
    private bool TryTakeNext(out Message message)
    {
        if (_closed is null && ReadData(out message)) return true;
        message = default;
        if (_closed is null) return false;
        if (!_hasCloseMessage) throw new ConnectionClosedException(_closed);
        _hasCloseMessage = false;
        message = Message.Closed(_closed);
        return true;
    }

    /// <summary>Reads a message; if there is none here, the channel is to read on, but not while one has to
    /// wait.</summary>
    private bool ReadData(out Message message)
    {
        int perSecond = connection.Options.MaxMessagesPerSecond;
        _throttled = (perSecond > 0 && !IsWithinRate(perSecond)) || IsTurnOver();
        ReadOutcome outcome = Read(dataWanted: !_throttled, out message);
        bool found = outcome == ReadOutcome.Message;
        if (_feeding || outcome == ReadOutcome.DataWaiting) return found;

        // Outside a feed: once what was kept is read, the channel goes on. What is behind a message waits until its
        // receiver had a turn to answer it: it may be a close.
        if (found && _start < _end) LookLater();
        else ReadOn();
        return found;
    }

    private void BeginTurn() => _inflatedBefore = connection.Compression?.InflateBytesOut ?? 0;

    /// <summary>Tells whether so much was decompressed that the others come first; then this goes on behind
    /// them.</summary>
    private bool IsTurnOver()
    {
        if (connection.Compression is not { } compression) return false;
        if (compression.InflateBytesOut - _inflatedBefore < MostInflated) return false;
        connection.Channel.Post(static receiver => ((Receiver)receiver!).GoOn(), this);
        return true;
    }

    /// <summary>Tells whether a message may come now; else a look is taken when it may.</summary>
    private bool IsWithinRate(int perSecond)
    {
        long wait = connection.Watch.WaitForMessage(perSecond, Messages, connection.Channel.Now);
        if (wait > 0) connection.Channel.SetTimer(TimeSpan.FromMilliseconds(wait));
        return wait == 0;
    }

    private void LookLater()
    {
        if (_looking) return;
        _looking = true;
        connection.Channel.Post(
            static state =>
            {
                var receiver = (Receiver)state!;
                receiver._looking = false;
                if (!receiver.IsDataWaiting()) receiver.ReadOn();
            },
            this);
    }

    private void ReadOn()
    {
        if (_start == _end) LetGoOfWindow();
        connection.ResumeReading();
    }

    /// <summary>Answers control frames up to the next data frame; tells whether there is one.</summary>
    private bool IsDataWaiting() => Read(dataWanted: false, out _) == ReadOutcome.DataWaiting;

    private ReadOutcome Read(bool dataWanted, out Message message)
    {
        message = default;
        _reader.MaxPayload = connection.Options.MaxRemotePayload;
        while (_start < _end && _scanner is null)
        {
            ReadOutcome outcome = _reader.Read(
                _window.AsSpan(_start, _end - _start),
                dataWanted,
                out int consumed,
                connection.Compression?.Inflater);
            int payload = _start + _reader.PayloadStart;
            _start += consumed;
            switch (outcome)
            {
                case ReadOutcome.Message:
                    message = Deliver(payload);
                    return outcome;
                case ReadOutcome.Control:
                    if (_reader.Opcode == Opcode.Close) BeginDiscarding();
                    connection.ControlFrame(_reader.Opcode, _window.AsSpan(payload, _reader.PayloadLength));
                    break;
                case ReadOutcome.Violation:
                    BeginDiscarding();
                    connection.Violated(_reader.Violation!);
                    break;
                default:
                    return outcome;
            }
        }

        if (_scanner is not null) DiscardRest();
        return ReadOutcome.NeedMore;
    }

    private Message Deliver(int payload)
    {
        int length = _reader.PayloadLength;
        Messages++;
        Bytes += length;
        MessageKind kind = _reader.Opcode == Opcode.Text ? MessageKind.Text : MessageKind.Binary;
        _held ??= new MessageOwner(connection.Channel);
        return Message.Received(kind, _reader.Assembly is { } assembly
            ? _held.PointToOwn(assembly, length)
            : _held.PointToShared(_window, payload, length));
    }

    /// <summary>Reads nothing but a close frame from now on, also while a close by another thread is not known here
    /// yet.</summary>
    private void BeginDiscarding()
    {
        _scanner = new CloseScanner(_reader.FrameRemaining);
        connection.Compression?.Inflater.Dispose();
    }

    private void DiscardRest()
    {
        if (_scanner is null) BeginDiscarding();
        if (_start == _end) return;
        bool found = _scanner!.Scan(_window.AsSpan(_start, _end - _start));
        _start = _end;
        if (found) connection.PeerFinished();
    }

    /// <summary>Copies what must outlive the channel's buffer: the message held, and the bytes not read.</summary>
    private void KeepRest()
    {
        _held?.Rescue();
        int left = _end - _start;
        if (left == 0)
        {
            (_window, _start, _end) = ([], 0, 0);
            return;
        }

        byte[] kept = ArrayPool<byte>.Shared.Rent(left);
        _window.AsSpan(_start, left).CopyTo(kept);
        (_window, _start, _end) = (kept, 0, left);
    }

    private void LetGoOfWindow()
    {
        if (_window.Length == 0) return;

        // A message may have been read where it was kept.
        _held?.Rescue();
        ArrayPool<byte>.Shared.Return(_window);
        (_window, _start, _end) = ([], 0, 0);
    }
}
