using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Client;

/// <summary>Sends the request of an opening handshake on a loop's socket, and receives the answer. On the socket's
/// loop.</summary>
/// <remarks>It leaves the socket to the caller, also when it fails.</remarks>
internal sealed class HandshakeExchange(LoopSocket socket, byte[] request, HandshakeAnswer answer) : ISocketOwner
{
    // Runs its waiter inside the completion: so the connection owns the socket before the loop's next event.
    private readonly TaskCompletionSource _done = new();
    private int _sent;

    /// <summary>Runs the exchange.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="TimeoutException">The answer takes too long.</exception>
    public async Task RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => socket.Loop.Post(_ => _done.TrySetCanceled(token), null), null);
        socket.Attach(this, SocketEvents.Readable);
        socket.SetTimer(timeout);
        Send();
        await _done.Task;
        socket.ClearTimer();
    }

    /// <inheritdoc/>
    public override string ToString() => $"the handshake on {socket}";

    void ISocketOwner.OnReady(SocketEvents events)
    {
        if ((events & SocketEvents.Writable) != 0) Send();
        if ((events & ~SocketEvents.Writable) != 0) Receive();
    }

    void ISocketOwner.OnTimer() => EndWith(new TimeoutException("no answer"));

    void ISocketOwner.OnTurnEnded()
    {
    }

    void ISocketOwner.OnStopping() => EndWith(new IOException("the service stops"));

    void ISocketOwner.OnAborted(string reason) => EndWith(new IOException(reason));

    private void Send()
    {
        if (_done.Task.IsCompleted) return;
        int sent = socket.Send(request.AsSpan(_sent));
        if (sent < 0) EndWith(new IOException(SocketErrors.Describe(-sent)));
        else if ((_sent += sent) < request.Length) socket.Watch(SocketEvents.Writable);
        else socket.Watch(SocketEvents.None, SocketEvents.Writable);
    }

    private void Receive()
    {
        if (_done.Task.IsCompleted) return;
        int received = socket.Receive(answer.Room.Span);
        if (received is -SocketErrors.TryAgain or -SocketErrors.Interrupted) return;
        if (received < 0)
        {
            EndWith(new IOException(SocketErrors.Describe(-received)));
            return;
        }

        bool neededHead = answer.NeedsHead;
        answer.Add(received);
        if (answer is { NeedsHead: false, NeedsBody: false }) _done.TrySetResult();
        else if (neededHead && answer.NeedsBody) socket.SetTimer(HandshakeAnswer.BodyPatience);
    }

    /// <summary>Ends the wait. Once there is a refusal, it says more than the end of its body.</summary>
    private void EndWith(Exception exception)
    {
        if (answer.NeedsBody) _done.TrySetResult();
        else _done.TrySetException(exception);
    }
}
