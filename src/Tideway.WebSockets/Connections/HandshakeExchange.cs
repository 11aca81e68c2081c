using System.Buffers;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>Sends the request of an opening handshake on a socket, and receives the head of the answer. On the
/// socket's loop.</summary>
/// <remarks>It leaves the socket to the caller, also when it fails.</remarks>
internal sealed class HandshakeExchange(LoopSocket socket, byte[] request) : ISocketOwner, IDisposable
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(HandshakeResponse.MaxLength);

    // Runs its waiter inside the completion: so the connection owns the socket before the loop's next event.
    private readonly TaskCompletionSource<HandshakeResponse> _done = new();
    private int _sent;
    private int _received;

    /// <summary>All that was received: the head, and what the server sent right behind it.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(0, _received);

    /// <summary>Runs the exchange.</summary>
    /// <exception cref="InvalidDataException">The answer is not HTTP/1.1, or there is none.</exception>
    /// <exception cref="TimeoutException">The answer takes too long.</exception>
    public async Task<HandshakeResponse> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => socket.Loop.Post(_ => _done.TrySetCanceled(token), null), null);
        socket.Attach(this, SocketEvents.Readable);
        socket.SetTimer(timeout);
        Send();
        HandshakeResponse response = await _done.Task;
        socket.ClearTimer();
        return response;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <inheritdoc/>
    public override string ToString() => $"the handshake on {socket}";

    void ISocketOwner.OnReady(SocketEvents events)
    {
        if ((events & SocketEvents.Writable) != 0) Send();
        if ((events & ~SocketEvents.Writable) != 0) Receive();
    }

    void ISocketOwner.OnTimer() => _done.TrySetException(new TimeoutException());

    void ISocketOwner.OnTurnEnded()
    {
    }

    void ISocketOwner.OnStopping() => Fail("the service stops");

    void ISocketOwner.OnAborted(string reason) => Fail(reason);

    private void Send()
    {
        if (_done.Task.IsCompleted) return;
        int sent = socket.Send(request.AsSpan(_sent));
        if (sent < 0) Fail(SocketErrors.Describe(-sent));
        else if ((_sent += sent) < request.Length) socket.Watch(SocketEvents.Writable);
        else socket.Watch(SocketEvents.None, SocketEvents.Writable);
    }

    private void Receive()
    {
        if (_done.Task.IsCompleted) return;
        int received = socket.Receive(_buffer.AsSpan(_received, HandshakeResponse.MaxLength - _received));
        if (received is -SocketErrors.TryAgain or -SocketErrors.Interrupted) return;
        if (received <= 0)
        {
            Fail(received < 0
                ? SocketErrors.Describe(-received)
                : "the server closed the connection before it answered");
            return;
        }

        _received += received;
        switch (HandshakeResponse.TryParse(Received, out HandshakeResponse? response, out string? violation))
        {
            case OperationStatus.Done:
                _done.TrySetResult(response!);
                break;
            case OperationStatus.InvalidData:
                Fail(violation!);
                break;
        }
    }

    private void Fail(string reason) => _done.TrySetException(new InvalidDataException(reason));
}
