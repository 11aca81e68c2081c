using System.Buffers;
using System.Diagnostics;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>The receiving half of a connection: the bytes not read yet, the message held, the receive that waits.</summary>
/// <remarks>All of it runs on the channel's context.</remarks>
internal sealed class Receiver(WebSocketConnection connection, WebSocketRole role, int maxPayload)
{
    /// <summary>The free bytes that a channel leaves in front of what it feeds, so that a cut frame becomes whole again.</summary>
    /// <remarks>What waits for more bytes is at most a header or a control frame: 139 bytes.</remarks>
    public const int Headroom = 256;

    private readonly MessageReader _reader = new(role, maxPayload);
    private readonly MessageOwner _held = new(connection.Channel);
    private readonly ReceiveSource _source = new(connection.Channel);

    // The bytes received and not read yet. The buffer is the channel's during a feed, and ours afterwards.
    private byte[] _window = [];
    private int _start;
    private int _end;
    private bool _ownsWindow;

    // A receive was begun and has found nothing yet; nobody has taken its result yet; somebody awaits it.
    private bool _wanted;
    private bool _begun;
    private bool _awaited;

    // What ends the stream of messages: a close message to deliver once, then the error.
    private CloseReason? _closeMessage;
    private CloseReason? _closed;
    private CloseScanner _scanner;
    private bool _discarding;

    /// <summary>Tells whether the channel should read on: what is here is no more than the beginning of something.</summary>
    public bool WantsBytes { get; private set; } = true;

    /// <summary>Messages received, and their payload bytes.</summary>
    public (long Messages, long Bytes) Received { get; private set; }

    /// <summary>Counts the receives begun, to tell one from the next.</summary>
    public long Number { get; private set; }

    /// <summary>Receives on the context: what is here already is answered without a wait.</summary>
    public ValueTask<Message> ReceiveAsync()
    {
        if (_awaited) throw new InvalidOperationException("Another receive waits already. One at a time.");
        if (TryReceive(out Message message)) return new ValueTask<Message>(message);
        _awaited = true;
        return _source.Pending;
    }

    /// <summary>Takes a message if a whole one is here; else the receive stays begun, and what comes is kept.</summary>
    public bool TryReceive(out Message message)
    {
        if (_awaited) throw new InvalidOperationException("Another receive waits already. One at a time.");
        if (!_begun) Begin();
        if (!_source.IsCompleted)
        {
            message = default;
            return false;
        }

        _begun = false;
        message = _source.Take();
        return true;
    }

    /// <summary>Ends the wait of the receive with this number, if it still waits. What has come in is kept.</summary>
    public void CancelWait(long number, CancellationToken token)
    {
        if (!_awaited || number != Number) return;
        Finish(static (source, error) => source.SetException(error), new OperationCanceledException(token));
    }

    /// <summary>Takes bytes from the channel; false asks it to pause until <see cref="Channel.ResumeReading"/>.</summary>
    /// <param name="buffer">A buffer with <see cref="Headroom"/> free bytes before <paramref name="start"/>.</param>
    /// <param name="start">Where the new bytes begin.</param>
    /// <param name="end">Where they end.</param>
    public bool Feed(byte[] buffer, int start, int end)
    {
        Debug.Assert(_end - _start <= Headroom);
        int left = _end - _start;
        _window.AsSpan(_start, left).CopyTo(buffer.AsSpan(start - left));
        LetGoOfWindow();
        (_window, _start, _end, _ownsWindow) = (buffer, start - left, end, false);

        Advance();
        KeepRest();
        return WantsBytes;
    }

    /// <summary>Ends the messages: one that says why, then errors. What comes in is only searched for a close frame.</summary>
    public void EndWithMessage(CloseReason reason)
    {
        _closed = _closeMessage = reason;
        if (!_discarding) Discard();
        Advance();
        if (_ownsWindow) LetGoOfWindow();
        connection.Channel.ResumeReading();
        CompleteClosed();
    }

    /// <summary>Ends the messages with an error, unless they were ended before.</summary>
    public void EndWithError(CloseReason reason)
    {
        if (_closed is not null) return;
        _closed = reason;
        CompleteClosed();
    }

    /// <summary>Gives all buffers back.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        if (_ownsWindow) LetGoOfWindow();
        _start = _end = 0;
    }

    private void Begin()
    {
        _held.Release();
        _source.Reset();
        Number++;
        _begun = _wanted = true;
        if (_closed is not null) CompleteClosed();
        else if (_start < _end) ReadOn();
    }

    private void ReadOn()
    {
        bool owned = _ownsWindow;
        Advance();
        if (!owned) return;

        // Outside a feed: once what was kept is read, the channel goes on.
        if (_start == _end) LetGoOfWindow();
        if (WantsBytes) connection.Channel.ResumeReading();
    }

    /// <summary>Reads what can be read now: control frames always, data only for a receive.</summary>
    private void Advance()
    {
        while (_start < _end)
        {
            if (_discarding)
            {
                bool found = _scanner.Scan(_window.AsSpan(_start, _end - _start));
                _start = _end;
                if (found) connection.PeerFinished();
                break;
            }

            ReadOutcome outcome = _reader.Read(_window.AsSpan(_start, _end - _start), _wanted, out int consumed);
            int payload = _start + _reader.PayloadStart;
            _start += consumed;
            WantsBytes = outcome == ReadOutcome.NeedMore;
            switch (outcome)
            {
                case ReadOutcome.Message:
                    Deliver(payload);
                    continue;
                case ReadOutcome.Control:
                    if (_reader.Opcode == Opcode.Close) Discard();
                    connection.ControlFrame(_reader.Opcode, _window.AsSpan(payload, _reader.PayloadLength));
                    continue;
                case ReadOutcome.Violation:
                    Discard();
                    connection.Violated(_reader.Violation!);
                    continue;
                default:
                    return;
            }
        }

        WantsBytes = true;
    }

    /// <summary>Reads nothing but a close frame from now on, also while a close by another thread is not known here yet.</summary>
    private void Discard()
    {
        _discarding = true;
        _scanner = new CloseScanner(_reader.FrameRemaining);
    }

    private void Deliver(int payload)
    {
        int length = _reader.PayloadLength;
        Received = (Received.Messages + 1, Received.Bytes + length);
        MessageKind kind = _reader.Opcode == Opcode.Text ? MessageKind.Text : MessageKind.Binary;
        ReadOnlyMemory<byte> data = _reader.Assembly is { } assembly
            ? _held.PointToPooled(assembly, 0, length)
            : _held.PointToShared(_window, payload, length);
        Finish(static (source, message) => source.SetResult(message), Message.Received(kind, data));
    }

    private void CompleteClosed()
    {
        if (!_wanted) return;
        if (_closeMessage is { } reason)
        {
            _closeMessage = null;
            Finish(static (source, message) => source.SetResult(message), Message.Closed(reason));
        }
        else
        {
            Finish(static (source, error) => source.SetException(error), new ConnectionClosedException(_closed!));
        }
    }

    /// <summary>Ends the receive. Its waiter may run in here, and begin the next one.</summary>
    private void Finish<TResult>(Action<ReceiveSource, TResult> complete, TResult result)
    {
        _wanted = false;
        if (_awaited) _awaited = _begun = false;
        complete(_source, result);
    }

    /// <summary>Copies what must outlive the channel's buffer: the message held, and the bytes not read.</summary>
    private void KeepRest()
    {
        _held.Rescue();
        int left = _end - _start;
        if (left == 0)
        {
            (_window, _start, _end) = ([], 0, 0);
            return;
        }

        byte[] kept = ArrayPool<byte>.Shared.Rent(left);
        _window.AsSpan(_start, left).CopyTo(kept);
        (_window, _start, _end, _ownsWindow) = (kept, 0, left, true);
    }

    private void LetGoOfWindow()
    {
        // A message may have been read where it was kept.
        _held.Rescue();
        if (_ownsWindow) ArrayPool<byte>.Shared.Return(_window);
        (_window, _start, _end, _ownsWindow) = ([], 0, 0, false);
    }
}
