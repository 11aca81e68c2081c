using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Connections;

/// <summary>Carries a connection over a socket on an event loop.</summary>
/// <remarks>
/// It receives into the loop's buffer, where the handler reads. What the handler sends meanwhile is gathered in the
/// loop's other buffer and leaves in one piece when the handler yields. Sends from elsewhere go to the socket directly.
/// </remarks>
internal sealed class SocketChannel(LoopSocket socket) : Channel, ISocketOwner
{
    private WebSocketConnection _connection = null!;
    private bool _paused;

    /// <inheritdoc/>
    public override SynchronizationContext Context => Loop.Context;

    /// <inheritdoc/>
    public override long Now => Loop.Now;

    /// <inheritdoc/>
    public override long ReadClock() => Loop.ReadClock();

    /// <inheritdoc/>
    public override Task Completion => Task.CompletedTask;

    private EventLoop Loop => socket.Loop;

    /// <summary>The socket, for who asks for its addresses.</summary>
    public LoopSocket Socket => socket;

    /// <inheritdoc/>
    public override void Start(WebSocketConnection connection)
    {
        _connection = connection;
        RunsOn(Loop.ThreadNumber);
        socket.Attach(this, SocketEvents.Readable);
    }

    /// <summary>Feeds what was received from the socket before the channel was there.</summary>
    public void Deliver(ReadOnlySpan<byte> received)
    {
        byte[] buffer = new byte[EventLoop.Headroom + received.Length];
        received.CopyTo(buffer.AsSpan(EventLoop.Headroom));
        Feed(buffer, received.Length);
    }

    /// <inheritdoc/>
    public override void SetTimer(TimeSpan delay)
    {
        if (delay == Timeout.InfiniteTimeSpan) socket.ClearTimer();
        else socket.SetTimer(delay);
    }

    /// <inheritdoc/>
    public override void ResumeReading()
    {
        _paused = false;
        socket.Watch(SocketEvents.Readable, SocketEvents.Once);
    }

    /// <inheritdoc/>
    public override void BeginSend() => Loop.EndTurnOfOthers(socket);

    /// <inheritdoc/>
    public override byte[] RentBuffer(int length)
    {
        if (!IsCurrent || length > EventLoop.GatherSize) return base.RentBuffer(length);
        return socket.Gather();
    }

    /// <inheritdoc/>
    public override void ReturnBuffer(byte[] buffer)
    {
        if (buffer != Loop.GatherBuffer) base.ReturnBuffer(buffer);
    }

    /// <inheritdoc/>
    public override void StartWriting()
    {
        if (IsCurrent) socket.Gather();
        else Write();
    }

    /// <inheritdoc/>
    public override void Flush() => Loop.EndTurn();

    /// <inheritdoc/>
    public override void ShutdownSend() => socket.ShutdownSend();

    /// <inheritdoc/>
    public override void Close() => socket.Close();

    /// <inheritdoc/>
    public override void Abort() => socket.Close(reset: true);

    /// <summary>Names the connection, for whoever reports what keeps a loop.</summary>
    public override string ToString() => _connection.ToString();

    void ISocketOwner.OnReady(SocketEvents events)
    {
        if ((events & ~SocketEvents.Writable) != 0)
        {
            if (!_paused) Receive();
            else if ((events & SocketEvents.Failed) != 0) _connection.EndOfInput("the peer reset the connection");
            else socket.Watch(SocketEvents.Once); // A unix peer is gone; what it sent before can be read later.
        }

        if ((events & SocketEvents.Writable) != 0 && !socket.IsClosed)
        {
            socket.Watch(SocketEvents.None, SocketEvents.Writable);
            Write();
        }
    }

    void ISocketOwner.OnTimer() => _connection.OnTimer();

    void ISocketOwner.OnTurnEnded() => Write();

    void ISocketOwner.OnStopping() => _connection.OnStopping();

    void ISocketOwner.OnAborted(string reason) => _connection.Lose(reason);

    private void Receive()
    {
        int received = socket.Receive(Loop.ReceiveBuffer.AsSpan(EventLoop.Headroom));
        if (received > 0)
        {
            Feed(Loop.ReceiveBuffer, received);
        }
        else if (received == 0)
        {
            // Nothing but the end would be readable from now on.
            PauseReading();
            _connection.EndOfInput("");
        }
        else if (received is not (-SocketErrors.TryAgain or -SocketErrors.Interrupted))
        {
            _connection.EndOfInput(SocketErrors.Describe(-received));
        }
    }

    private void Feed(byte[] buffer, int length)
    {
        if (!_connection.Feed(buffer, EventLoop.Headroom, EventLoop.Headroom + length)) PauseReading();
    }

    private void PauseReading()
    {
        _paused = true;
        socket.Watch(SocketEvents.None, SocketEvents.Readable);
    }

    /// <summary>Writes until there is nothing left, or no room; one writer at a time, as the sender sees to.</summary>
    private void Write()
    {
        Sender sender = _connection.Sender;
        while (sender.TryTake(out ReadOnlyMemory<byte> chunk))
        {
            int sent = socket.Send(chunk.Span);
            if (sent == chunk.Length)
            {
                sender.Written(sent);
                continue;
            }

            if (sent < 0)
            {
                string error = SocketErrors.Describe(-sent);
                sender.WriteFailed();
                Loop.Post(_ => _connection.Lose(error), null);
                return;
            }

            // The rest is the loop's, which may go on with it on its own thread before this line is left.
            sender.WrittenInPart(sent);
            socket.Watch(SocketEvents.Writable);
            return;
        }
    }
}
