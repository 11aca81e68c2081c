using System.Net;
using System.Net.Sockets;

namespace Tideway.WebSockets.Engine;

/// <summary>A listening TCP or unix socket. It accepts on one loop and gives the connections to the loops of its group
/// in turn.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class LoopListener : ISocketOwner
{
    private const int MostAcceptsPerTurn = 64;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(10);

    /// <summary>The descriptors that connections leave alone.</summary>
    /// <remarks>The system gives the lowest free number. A runtime that finds none, for a new thread or an assembly,
    /// fails for good.</remarks>
    private const int DescriptorReserve = 16;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(128);

    private readonly EventLoopGroup _group;
    private readonly EventLoop _loop;
    private readonly LoopListenerOptions _options;
    private readonly Action<LoopSocket> _accepted;
    private readonly Socket _socket;
    private readonly bool _isTcp;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _lastDescriptor = Libc.DescriptorLimit() - DescriptorReserve;
    private LoopSocket? _watched;
    private int _connections;
    private long _refused;
    private long _exhausted;

    private LoopListener(
        EventLoopGroup group, Socket socket, LoopListenerOptions options, Action<LoopSocket> accepted)
    {
        (_group, _loop, _socket, _options, _accepted) = (group, group.PickLoop(), socket, options, accepted);
        _isTcp = socket.AddressFamily != AddressFamily.Unix;
        EndPoint = socket.LocalEndPoint!;
    }

    /// <summary>The address that is listened on, with the port that the system picked.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>How many connections accepted here are open now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many connections were closed at once because of
    /// <see cref="LoopListenerOptions.MaxConnections"/>.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>How often accepting had to pause because the system or the process had no descriptor or memory
    /// left.</summary>
    public long Exhausted => Interlocked.Read(ref _exhausted);

    /// <summary>Begins to listen and to accept.</summary>
    /// <param name="group">The loops that the connections come to.</param>
    /// <param name="endPoint">An IP end point (port 0 picks a free one; <c>::</c> takes IPv4, too) or a unix
    /// socket.</param>
    /// <param name="options">The limits.</param>
    /// <param name="accepted">Is called for each connection on its loop, and attaches an owner.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static LoopListener Start(
        EventLoopGroup group, EndPoint endPoint, LoopListenerOptions options, Action<LoopSocket> accepted)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(accepted);
        bool isUnix = endPoint.AddressFamily == AddressFamily.Unix;
        int fd;
        var socket = new Socket(
            endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Blocking = false;
            socket.Bind(endPoint);
            socket.Listen(options.Backlog);

            // The loop has a descriptor of its own, so that each is closed once, by its owner.
            fd = Libc.Duplicate((int)socket.Handle);
            if (fd < 0) throw new SocketException((int)SocketError.TooManyOpenSockets);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var listener = new LoopListener(group, socket, options, accepted);
        listener._loop.Post(_ => listener.Watch(fd), null);
        return listener;
    }

    /// <summary>Stops listening. Connections that were accepted live on. Repeatable.</summary>
    /// <returns>Completes when nothing more is accepted.</returns>
    public Task CloseAsync()
    {
        _loop.Post(static listener => ((LoopListener)listener!).Close(), this);
        return _closed.Task;
    }

    /// <summary>Asks all connections that were accepted here to end, and waits until they have; then cuts the
    /// rest.</summary>
    /// <remarks>What comes to a new owner meanwhile is asked, too. To be called once the listener is closed.</remarks>
    /// <param name="deadline">Is canceled when the rest is to be cut.</param>
    /// <returns>How many connections had to be cut.</returns>
    public async Task<int> EndConnectionsAsync(CancellationToken deadline)
    {
        IsEnding = true;
        foreach (EventLoop loop in EventLoopGroup.AllLoops) loop.ForEachOwner(this, static owner => owner.OnStopping());
        try
        {
            while (Connections > 0) await Task.Delay(_look, deadline).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException)
        {
            int left = Connections;
            foreach (EventLoop loop in EventLoopGroup.AllLoops)
                loop.ForEachOwner(this, static owner => owner.OnAborted("the service stops"));
            return left;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"the listener on {EndPoint}";

    void ISocketOwner.OnReady(SocketEvents events)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxLength];
        for (int i = 0; i < MostAcceptsPerTurn && _watched is not null; i++)
        {
            int fd = Libc.Accept(_watched.Descriptor, address, out int length);
            switch (fd)
            {
                case >= 0:
                    Take(fd, PeerAddress.Parse(address[..length]));
                    if (fd < _lastDescriptor) break;
                    Pause();
                    return;
                case -SocketErrors.TryAgain:
                    return;
                case -Libc.TooManyFiles or -Libc.TooManyFilesInSystem or -Libc.NoBuffers or -Libc.NoMemory:
                    Pause();
                    return;
                default:
                    break; // That of a connection which is gone already: the next one may be fine.
            }
        }
    }

    void ISocketOwner.OnTimer()
    {
        if (_watched is null) return;
        int next = Libc.NextDescriptor();
        if (next >= 0 && next < _lastDescriptor) _watched.Watch(SocketEvents.Readable);
        else Pause();
    }

    void ISocketOwner.OnTurnEnded()
    {
    }

    void ISocketOwner.OnStopping() => Close();

    void ISocketOwner.OnAborted(string reason) => Close();

    /// <summary>Tells whether every connection accepted here is to end.</summary>
    internal bool IsEnding { get; private set; }

    /// <summary>A connection accepted here was closed.</summary>
    internal void Release() => Interlocked.Decrement(ref _connections);

    private void Watch(int fd) => _loop.Take(new LoopSocket(fd, _loop, default, null), socket =>
    {
        _watched = socket;
        socket.Attach(this, SocketEvents.Readable);
    });

    private void Close()
    {
        if (_closed.Task.IsCompleted) return;
        _watched?.Close();
        _watched = null;
        _socket.Dispose();
        _closed.TrySetResult();
    }

    private void Take(int fd, PeerAddress peer)
    {
        if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
        {
            Release();
            _watched!.Loop.Counters.RefusedCount++;
            Interlocked.Increment(ref _refused);
            Libc.Close(fd);
            Tell(_options.OnRefused);
            return;
        }

        if (_isTcp) Libc.SetOption(fd, Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
        EventLoop loop = _group.PickLoop();
        var socket = new LoopSocket(fd, loop, peer, this);
        if (loop.IsCurrent) loop.Take(socket, _accepted);
        else loop.Post(_ => loop.Take(socket, _accepted), socket);
    }

    /// <summary>Lets connections wait in the backlog until some descriptor may be free: trying at once would only
    /// spin.</summary>
    private void Pause()
    {
        _watched!.Loop.Counters.AcceptPauseCount++;
        Interlocked.Increment(ref _exhausted);
        _watched.Watch(SocketEvents.None, SocketEvents.Readable);
        _watched.SetTimer(_pause);
        Tell(_options.OnExhausted);
    }

    /// <summary>Tells the application, whose failure must not end the listening.</summary>
    private void Tell(Action? callback)
    {
        try
        {
            callback?.Invoke();
        }
        catch (Exception exception)
        {
            _group.ReportFailure(_watched!, exception);
        }
    }
}
