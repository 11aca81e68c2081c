using System.Diagnostics;
using System.Net;

namespace Tideway.WebSockets.Engine;

/// <summary>A connected stream socket on an event loop. It owns its descriptor and no buffer.</summary>
/// <remarks>
/// Everything is for the thread of <see cref="Loop"/>, but <see cref="Send"/>, <see cref="Watch"/> and
/// <see cref="Abort"/>, which are safe from any thread. The object is its own lock, which guards the descriptor: a
/// number must not be used after its close, when it may be another socket's. A lock of its own would cost an idle
/// connection 32 bytes.
/// </remarks>
public sealed class LoopSocket
{
    private static long _lastId;

    private readonly PeerAddress _peer;
    private int _fd;
    private SocketEvents _watched;

    internal LoopSocket(int fd, EventLoop loop, PeerAddress peer, LoopListener? origin)
    {
        _fd = fd;
        Loop = loop;
        _peer = peer;
        Origin = origin;
        Id = Interlocked.Increment(ref _lastId);
    }

    /// <summary>A number that no other socket of the process has.</summary>
    public long Id { get; }

    /// <summary>The name of the connection in logs, made from <see cref="Id"/>.</summary>
    public string Name => $"c{Id}";

    /// <summary>The loop that the socket is on.</summary>
    public EventLoop Loop { get; private set; }

    /// <summary>Who is told what happens. Null until <see cref="Attach"/>.</summary>
    public ISocketOwner? Owner { get; private set; }

    /// <summary>Tells whether the socket was closed.</summary>
    public bool IsClosed => Volatile.Read(ref _fd) < 0;

    /// <summary>The address of the peer; null when it has none, as on a unix socket.</summary>
    public EndPoint? RemoteEndPoint => _peer.ToEndPoint();

    /// <summary>The address of this end; null when it has none, or when the socket is closed.</summary>
    public EndPoint? LocalEndPoint
    {
        get
        {
            Span<byte> address = stackalloc byte[PeerAddress.MaxLength];
            lock (this)
            {
                int length = _fd < 0 ? 0 : Libc.Name(_fd, address);
                return length <= 0 ? null : PeerAddress.Parse(address[..length]).ToEndPoint();
            }
        }
    }

    // The links of the timer wheel; TimerDue is 0 when no timer is set.
    internal long TimerDue { get; set; }

    internal LoopSocket? TimerNext { get; set; }

    internal LoopSocket? TimerPrevious { get; set; }

    internal LoopListener? Origin { get; }

    internal int Descriptor => _fd;

    /// <summary>Tells this socket's events from those of another that had its descriptor before.</summary>
    internal uint Tag => (uint)Id;

    internal SocketEvents Watched => _watched;

    /// <summary>Puts the socket under an owner, who is told of events from now on; replaces the owner before.</summary>
    /// <param name="owner">Who is told.</param>
    /// <param name="events">What the owner wants to be told first.</param>
    public void Attach(ISocketOwner owner, SocketEvents events)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Debug.Assert(Loop.IsCurrent);
        Owner = owner;
        Watch(events, ~events);
        if (Origin is { IsEnding: true }) owner.OnStopping();
    }

    /// <summary>Receives what is there, without waiting.</summary>
    /// <returns>How many bytes; 0 at the end of the stream; else a negated errno, <c>-11</c> (EAGAIN) for nothing
    /// there.</returns>
    public int Receive(Span<byte> buffer)
    {
        Debug.Assert(Loop.IsCurrent);
        int received = Libc.Receive(_fd, buffer);
        if (received > 0) Loop.Counters.ReceivedByteCount += received;
        return received;
    }

    /// <summary>Sends as much as there is room for, without waiting. Safe from any thread.</summary>
    /// <param name="data">The bytes, which the kernel copies.</param>
    /// <param name="more">Whether more follows at once, so that a packet may wait for it.</param>
    /// <returns>How many bytes; 0 when there is no room; else a negated errno.</returns>
    public int Send(ReadOnlySpan<byte> data, bool more = false)
    {
        int sent;
        lock (this) sent = _fd < 0 ? -SocketErrors.BrokenPipe : Libc.Send(_fd, data, more);
        if (sent > 0) Interlocked.Add(ref Loop.Counters.SentByteCount, sent);
        if (sent == data.Length) return sent;
        if (sent is not (-SocketErrors.TryAgain or -Libc.NoBuffers) && sent < 0) return sent;
        Interlocked.Increment(ref Loop.Counters.FullSocketCount);
        return Math.Max(sent, 0);
    }

    /// <summary>Changes what the owner is told of. Safe from any thread.</summary>
    public void Watch(SocketEvents add, SocketEvents remove = SocketEvents.None)
    {
        lock (this)
        {
            SocketEvents wanted = (_watched & ~remove) | add;
            if (_fd < 0 || wanted == _watched) return;
            _watched = wanted;
            Loop.Watch(_fd, wanted, Tag);
        }
    }

    /// <summary>Has the owner called after a time; replaces a time set before. Late by up to an eighth of a
    /// second.</summary>
    public void SetTimer(TimeSpan delay)
    {
        Debug.Assert(Loop.IsCurrent);
        if (_fd >= 0) Loop.SetTimer(this, delay);
    }

    /// <summary>Forgets the time set by <see cref="SetTimer"/>.</summary>
    public void ClearTimer() => Loop.ClearTimer(this);

    /// <summary>Has the owner called when this turn of the loop ends, and lends it the loop's gather buffer until
    /// then.</summary>
    /// <remarks>Who gathered before sends now. The buffer is the caller's until its
    /// <see cref="ISocketOwner.OnTurnEnded"/>
    /// returns.</remarks>
    internal byte[] Gather() => Loop.Gather(this);

    /// <summary>Tells the peer that nothing more comes; what it still sends can be received.</summary>
    public void ShutdownSend()
    {
        lock (this)
            if (_fd >= 0) _ = Libc.Shutdown(_fd, 1);
    }

    /// <summary>Fails whatever the socket does next, so that its owner closes it. Safe from any thread.</summary>
    public void Abort()
    {
        lock (this)
            if (_fd >= 0) _ = Libc.Shutdown(_fd, 2);
    }

    /// <summary>Closes the socket. The owner is told nothing more. A second close does nothing.</summary>
    /// <param name="reset">Whether what was not sent is given up and the peer is told so (RST).</param>
    public void Close(bool reset = false)
    {
        int fd;
        lock (this)
        {
            fd = _fd;
            if (fd < 0) return;
            Debug.Assert(Loop.IsCurrent);
            Loop.Remove(this);
            if (reset) Libc.ResetOnClose(fd);
            _fd = -1; // Before the peer can know it.
            Libc.Close(fd);
        }

        Origin?.Release();
    }

    /// <summary>Moves the socket to another loop, which then calls back. Until then nobody is told of
    /// anything.</summary>
    /// <param name="target">The loop to move to; the callback is posted even when it is the present one.</param>
    /// <param name="arrived">Is called on the target loop, and attaches an owner there.</param>
    public void MoveTo(EventLoop target, Action<LoopSocket> arrived)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(arrived);
        Debug.Assert(Loop.IsCurrent);
        Owner = null;
        Watch(SocketEvents.None, _watched);
        bool moves = target != Loop && _fd >= 0;
        if (moves)
        {
            lock (this)
            {
                Loop.Remove(this);
                Loop.Forget(_fd);
                Loop = target;
            }
        }

        target.Post(_ => target.Take(this, arrived, isNew: moves), this);
    }

    /// <summary>Closes a socket that is on no loop.</summary>
    internal void Discard()
    {
        lock (this)
        {
            int fd = _fd;
            if (fd < 0) return;
            _fd = -1; // Before the peer can know it.
            Libc.Close(fd);
        }

        Origin?.Release();
    }

    /// <summary>Reads as <c>socket 17 of 10.0.0.1:4711</c>.</summary>
    public override string ToString() => $"socket {Id} of {RemoteEndPoint?.ToString() ?? "a local peer"}";
}
