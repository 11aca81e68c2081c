using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Tideway.WebSockets.Engine;

/// <summary>Connects a TCP or unix socket on an event loop, without blocking it. One object for one connect.</summary>
public sealed class LoopConnector : ISocketOwner
{
    private readonly EventLoop _loop;
    private readonly EndPoint _remote;
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _cancellationToken;

    // Runs its waiter inside the completion: so the waiter owns the socket before the loop's next event.
    private readonly TaskCompletionSource<LoopSocket> _done = new();
    private CancellationTokenRegistration _registration;
    private LoopSocket? _socket;

    private LoopConnector(EventLoop loop, EndPoint remote, TimeSpan timeout, CancellationToken cancellationToken) =>
        (_loop, _remote, _timeout, _cancellationToken) = (loop, remote, timeout, cancellationToken);

    /// <summary>Connects. For the thread of the loop, to which the await comes back.</summary>
    /// <param name="loop">The loop that the socket is to be on.</param>
    /// <param name="remote">An IP end point or a unix socket.</param>
    /// <param name="local">The address to connect from, with port 0 for any; null for the system's choice.</param>
    /// <param name="timeout">How long the peer may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as the
    /// system lets it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The socket, which the caller attaches to or closes before its next await.</returns>
    /// <exception cref="SocketException">It was not possible. The message says where to, and why not.</exception>
    /// <exception cref="InvalidOperationException">The caller is not on the loop, or the loop has ended.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<LoopSocket> ConnectAsync(
        EventLoop loop,
        EndPoint remote,
        EndPoint? local,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(remote);
        if (remote is not (IPEndPoint or UnixDomainSocketEndPoint))
            throw new ArgumentException($"{remote} is neither an IP end point nor a unix socket.", nameof(remote));
        if (!loop.IsCurrent) throw new InvalidOperationException("A connect begins on the thread of its loop.");
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<LoopSocket>(cancellationToken);
        var connector = new LoopConnector(loop, remote, timeout, cancellationToken);
        connector.Begin(local);
        return connector._done.Task;
    }

    /// <inheritdoc/>
    public override string ToString() => $"the connect to {_remote}";

    void ISocketOwner.OnReady(SocketEvents events)
    {
        if (_done.Task.IsCompleted) return;
        int error = Libc.TakeError(_socket!.Descriptor);
        if (error != 0) Fail(ToSocketError(error), SocketErrors.Describe(error));
        else if ((events & SocketEvents.Writable) != 0) Succeed();
    }

    void ISocketOwner.OnTimer() =>
        Fail(SocketError.TimedOut, $"no answer within {_timeout.TotalSeconds:0.###} s");

    void ISocketOwner.OnTurnEnded()
    {
    }

    void ISocketOwner.OnStopping() => Fail(SocketError.OperationAborted, "the service stops");

    void ISocketOwner.OnAborted(string reason) => Fail(SocketError.OperationAborted, reason);

    [SuppressMessage("Reliability", "CA2000", Justification = "A LoopSocket is owned by its loop, and closed by Fail.")]
    private void Begin(EndPoint? local)
    {
        ReadOnlySpan<byte> address = AddressOf(_remote);
        int fd = Libc.Socket(address[0]);
        int result = fd;
        if (fd >= 0 && local is not null) result = Bind(fd, local);
        if (result >= 0) result = Libc.Connect(fd, address);
        if (result < 0 && result != -Libc.InProgress)
        {
            if (fd >= 0) Libc.Close(fd);
            string from = local is null ? "" : $" (from {local})";
            Fail(ToSocketError(-result), SocketErrors.Describe(-result) + from);
            return;
        }

        if (_remote is IPEndPoint) Libc.SetOption(fd, Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
        _socket = new LoopSocket(fd, _loop, PeerAddress.Parse(address), null);
        try
        {
            _loop.Add(_socket);
        }
        catch (IOException exception)
        {
            Fail(SocketError.NoBufferSpaceAvailable, exception.Message);
            return;
        }

        if (result == 0) Succeed();
        else Wait();
    }

    private void Wait()
    {
        _socket!.Attach(this, SocketEvents.Writable);
        if (_timeout != Timeout.InfiniteTimeSpan) _socket.SetTimer(_timeout);
        _registration = _cancellationToken.UnsafeRegister(
            static connector => ((LoopConnector)connector!).Post(), this);
    }

    private void Post() => _loop.Post(static connector => ((LoopConnector)connector!).Cancel(), this);

    private void Cancel()
    {
        if (_done.Task.IsCompleted) return;
        End();
        _socket!.Close();
        _done.SetCanceled(_cancellationToken);
    }

    private void Succeed()
    {
        End();
        _done.SetResult(_socket!);
    }

    private void Fail(SocketError error, string reason)
    {
        if (_done.Task.IsCompleted) return;
        End();
        _socket?.Close();
        _done.SetException(new SocketException((int)error, $"Cannot connect to {_remote}: {reason}."));
    }

    private void End()
    {
        _registration.Dispose();
        _socket?.ClearTimer();
        _socket?.Watch(SocketEvents.None, SocketEvents.Writable);
    }

    /// <summary>Binds without taking a port yet: many connections to different peers may then share one.</summary>
    private static int Bind(int fd, EndPoint local)
    {
        if (local is IPEndPoint { Port: 0 }) Libc.SetOption(fd, Libc.IpProtoIp, Libc.IpBindAddressNoPort, 1);
        return Libc.Bind(fd, AddressOf(local));
    }

    /// <summary>The kernel's form of an address. Its first byte is the kernel's number of the family.</summary>
    private static ReadOnlySpan<byte> AddressOf(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer.Span[..address.Size];
    }

    private static SocketError ToSocketError(int errno) => errno switch
    {
        Libc.PermissionDenied => SocketError.AccessDenied,
        Libc.TooManyFiles or Libc.TooManyFilesInSystem => SocketError.TooManyOpenSockets,
        Libc.AddressInUse => SocketError.AddressAlreadyInUse,
        Libc.AddressNotAvailable or Libc.NoEntry => SocketError.AddressNotAvailable,
        Libc.NetworkUnreachable => SocketError.NetworkUnreachable,
        Libc.ConnectionReset => SocketError.ConnectionReset,
        Libc.NoBuffers or Libc.NoMemory => SocketError.NoBufferSpaceAvailable,
        Libc.TimedOut => SocketError.TimedOut,
        Libc.ConnectionRefused => SocketError.ConnectionRefused,
        Libc.HostUnreachable => SocketError.HostUnreachable,
        SocketErrors.TryAgain => SocketError.WouldBlock,
        _ => SocketError.SocketError,
    };
}
