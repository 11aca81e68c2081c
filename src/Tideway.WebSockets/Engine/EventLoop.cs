using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Tideway.WebSockets.Engine;

/// <summary>One thread that waits for the events of its sockets, and runs what is posted to it, one thing at a
/// time.</summary>
/// <remarks>
/// <code>
///   wait ─► for each socket with an event: owner.OnReady ─► send what it gathered ─► posted work ─► timers ─► wait
/// </code>
/// All sockets of a loop share its receive buffer and its gather buffer, so an idle one owns no buffer at all. Nothing
/// that runs on a loop may block; <see cref="EventLoopGroup.Blocked"/> reports what does. <see cref="Post"/> is safe
/// from any thread.
/// </remarks>
public sealed class EventLoop
{
    /// <summary>The free bytes before <see cref="ReceiveSize"/> bytes in the receive buffer, for what was cut
    /// before.</summary>
    internal const int Headroom = 256;

    /// <summary>The most bytes received at once, in bytes.</summary>
    internal const int ReceiveSize = 256 * 1024;

    /// <summary>The size of the gather buffer, in bytes.</summary>
    internal const int GatherSize = 256 * 1024;

    private const int MostWorkPerTurn = 256;

    private static readonly TimeSpan _longestEnd = TimeSpan.FromSeconds(5);

    [ThreadStatic]
    private static EventLoop? _current;

    // Handles, so that a constructor that fails half-way leaves nothing open. The second is closed by its finalizer: a
    // late Post may still write to it, and its number must not be another's by then.
    private readonly SafeFileHandle _epollHandle = Own(Libc.EpollCreate(), "epoll_create1");
    private readonly SafeFileHandle _wakeUp = Own(Libc.EventFd(), "eventfd");
    private readonly int _epoll;
    private readonly int _eventFd;
    private readonly EpollBuffer _events = new();
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly TimerWheel _timers;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer? _alarm;
    private readonly Thread _thread;

    private LoopSocket?[] _sockets = new LoopSocket?[64];
    private LoopSocket? _gathering;
    private volatile bool _stopping;
    private volatile bool _ended;
    private int _awake = 1;
    private long _turn;
    private object? _running;

    internal EventLoop(EventLoopGroup group, int index, string threadName, TimeProvider timeProvider)
    {
        (Group, Index, _timeProvider) = (group, index, timeProvider);
        Context = new LoopContext(this);
        _epoll = (int)_epollHandle.DangerousGetHandle();
        _eventFd = (int)_wakeUp.DangerousGetHandle();
        ThrowIfFailed(
            Libc.EpollControl(_epoll, Libc.ControlAdd, _eventFd, SocketEvents.Readable | SocketEvents.Once),
            "epoll_ctl");

        // A clock that is not the system's tells by its own timer when the wheel is to turn. It may be moved by hand,
        // to the millisecond when a time-out is due.
        bool isSystem = timeProvider == TimeProvider.System;
        _timers = isSystem ? new TimerWheel() : new TimerWheel(slotShift: 0);
        if (!isSystem)
        {
            _alarm = timeProvider.CreateTimer(
                static loop => ((EventLoop)loop!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = threadName };
        _thread.UnsafeStart();
    }

    /// <summary>The group that the loop belongs to.</summary>
    public EventLoopGroup Group { get; }

    /// <summary>The loop's place in its group, from 0.</summary>
    public int Index { get; }

    /// <summary>The context that brings awaits back to this loop.</summary>
    public SynchronizationContext Context { get; }

    /// <summary>What the loop has counted.</summary>
    public LoopCounters Counters { get; } = new();

    /// <summary>Tells whether the caller runs on this loop.</summary>
    public bool IsCurrent => _current == this;

    /// <summary>The managed number of the loop's thread.</summary>
    internal int ThreadNumber => _thread.ManagedThreadId;

    /// <summary>The loop on which the caller runs; null on any other thread.</summary>
    public static EventLoop? Current => _current;

    /// <summary>The buffer into which sockets of this loop receive: <see cref="Headroom"/>, then
    /// <see cref="ReceiveSize"/>.</summary>
    internal byte[] ReceiveBuffer { get; } = GC.AllocateUninitializedArray<byte>(Headroom + ReceiveSize, pinned: true);

    /// <summary>The buffer in which one socket at a time gathers what it sends; see <see cref="Gather"/>.</summary>
    internal byte[] GatherBuffer { get; } = GC.AllocateUninitializedArray<byte>(GatherSize, pinned: true);

    /// <summary>The time of the present wake-up in milliseconds, from an arbitrary beginning.</summary>
    internal long Now { get; private set; }

    /// <summary>Reads the time of this moment, on the same scale.</summary>
    internal long ReadClock() => _timeProvider.GetMilliseconds();

    /// <summary>What counts the turns, and what runs in this one; null while the loop waits. For who watches
    /// it.</summary>
    internal (long Turn, object? Running) Progress => (Volatile.Read(ref _turn), Volatile.Read(ref _running));

    /// <summary>Runs a callback on the loop, later. What is posted by one thread runs in order. Safe from any
    /// thread.</summary>
    /// <remarks>After the loop has ended, the callback runs on the thread pool, so that no await is left
    /// hanging.</remarks>
    public void Post(SendOrPostCallback callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _work.Enqueue((callback, state));
        if (_current == this) return;
        Wake();
        if (_ended) RunRestOnPool();
    }

    /// <summary>Calls back for the owner of every socket that a listener accepted. Safe from any thread.</summary>
    internal void ForEachOwner(LoopListener origin, Action<ISocketOwner> action) =>
        Post(_ => CallOwners(socket => socket.Origin == origin, action), null);

    /// <summary>Ends the loop after the work that is posted, and waits for it: but not without end, for a handler may
    /// have blocked it.</summary>
    internal void Stop()
    {
        _stopping = true;
        Wake();
        if (_current != this) _thread.Join(_longestEnd);
    }

    /// <summary>Hands a socket over, after adding it if it comes from elsewhere. What goes wrong costs that socket and
    /// nothing else.</summary>
    internal void Take(LoopSocket socket, Action<LoopSocket> arrived, bool isNew = true)
    {
        try
        {
            if (isNew) Add(socket);
            if (!socket.IsClosed) arrived(socket);
        }
        catch (Exception exception)
        {
            if (!_stopping) Fail(socket, exception);
        }
    }

    /// <summary>Adds a socket. One that cannot be added is closed.</summary>
    /// <exception cref="IOException">The loop ends, or the system cannot watch more.</exception>
    internal void Add(LoopSocket socket)
    {
        if (_stopping)
        {
            socket.Discard();
            throw new IOException("The event loop ends.");
        }

        Debug.Assert(IsCurrent);
        int fd = socket.Descriptor;
        int result;
        lock (socket) result = Libc.EpollControl(_epoll, Libc.ControlAdd, fd, socket.Watched, socket.Tag);
        if (result < 0) socket.Discard();
        ThrowIfFailed(result, "epoll_ctl");
        if (fd >= _sockets.Length) Array.Resize(ref _sockets, Math.Max(fd + 1, _sockets.Length * 2));
        _sockets[fd] = socket;
        Counters.OpenedCount++;
    }

    /// <summary>Removes a socket that is about to be closed, which ends its watch, too.</summary>
    internal void Remove(LoopSocket socket)
    {
        Debug.Assert(IsCurrent);
        _sockets[socket.Descriptor] = null;
        _timers.Clear(socket);
        if (_gathering == socket) _gathering = null;
        Counters.ClosedCount++;
    }

    /// <summary>Ends the watch of a socket that lives on elsewhere.</summary>
    internal void Forget(int fd) => Libc.EpollControl(_epoll, Libc.ControlDelete, fd, SocketEvents.None);

    /// <summary>Changes what is watched of a socket. Safe from any thread.</summary>
    internal void Watch(int fd, SocketEvents events, uint tag) =>
        Libc.EpollControl(_epoll, Libc.ControlModify, fd, events, tag);

    /// <summary>Lends the gather buffer to a socket until the end of the turn.</summary>
    internal byte[] Gather(LoopSocket socket)
    {
        if (_gathering == socket) return GatherBuffer;
        EndTurn();
        _gathering = socket;
        return GatherBuffer;
    }

    /// <summary>Has what was gathered sent, now that its turn is over or the buffer is wanted for another
    /// socket.</summary>
    internal void EndTurn()
    {
        if (_gathering is not { } socket) return;
        _gathering = null;
        try
        {
            socket.Owner?.OnTurnEnded();
        }
        catch (Exception exception)
        {
            Fail(socket, exception);
        }
    }

    /// <summary>Has what another socket gathered sent, so that this one can gather.</summary>
    internal void EndTurnOfOthers(LoopSocket socket)
    {
        if (_gathering != socket) EndTurn();
    }

    // Counts from now, not from the beginning of the turn, which a slow handler may have made long.
    internal void SetTimer(LoopSocket socket, TimeSpan delay) => _timers.Set(
        socket, ReadClock(), (long)Math.Clamp(delay.TotalMilliseconds, 0, int.MaxValue));

    internal void ClearTimer(LoopSocket socket) => _timers.Clear(socket);

    private void Run()
    {
        _current = this;
        SynchronizationContext.SetSynchronizationContext(Context);
        Now = _timeProvider.GetMilliseconds();
        while (!_stopping)
        {
            int count = _events.Wait(_epoll, PrepareToWait());
            Volatile.Write(ref _awake, 1);
            Now = _timeProvider.GetMilliseconds();
            Counters.WakeUpCount++;
            for (int i = 0; i < count; i++) Dispatch(_events.Read(i, out int fd, out uint tag), fd, tag);
            RunWork();
            RunTimers();
            Volatile.Write(ref _running, null);
        }

        End();
    }

    /// <summary>Prepares to sleep: how long, -1 for without end.</summary>
    private int PrepareToWait()
    {
        // The barrier keeps the look at the queue behind the announcement, and so does that of Wake the other way
        // round: either we see the work, or its poster sees us asleep.
        Interlocked.Exchange(ref _awake, 0);
        if (!_work.IsEmpty || _stopping) return 0;
        return _alarm is null ? _timers.UntilNext(Now) : SetAlarm(_alarm);
    }

    /// <summary>Has the clock's own timer wake the loop, and looks again whether the clock was moved
    /// meanwhile.</summary>
    private int SetAlarm(ITimer alarm)
    {
        while (true)
        {
            long now = _timeProvider.GetMilliseconds();
            int next = _timers.UntilNext(now);
            if (next == 0) return 0;
            alarm.Change(
                next < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(next), Timeout.InfiniteTimeSpan);
            if (_timeProvider.GetMilliseconds() == now) return -1;
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0) Libc.Signal(_eventFd);
    }

    private void Dispatch(SocketEvents events, int fd, uint tag)
    {
        // The descriptor may have been closed in this very turn, and be another socket's by now, which the tag tells.
        LoopSocket? socket = (uint)fd < (uint)_sockets.Length ? _sockets[fd] : null;
        if (socket?.Tag != tag || socket.Owner is not { } owner) return;
        Counters.EventCount++;
        Begin(owner);
        try
        {
            owner.OnReady(events);
            EndTurn();
        }
        catch (Exception exception)
        {
            Fail(socket, exception);
        }
    }

    private void RunWork()
    {
        for (int i = 0; i < MostWorkPerTurn; i++)
        {
            if (!_work.TryDequeue(out (SendOrPostCallback Callback, object? State) work)) break;
            Counters.WorkCount++;
            Begin(work.State ?? work.Callback);
            try
            {
                work.Callback(work.State);
            }
            catch (Exception exception)
            {
                // Only an `async void` of the application comes here. It ends the process, as it does on the pool.
                var captured = ExceptionDispatchInfo.Capture(exception);
                ThreadPool.UnsafeQueueUserWorkItem(static info => info.Throw(), captured, preferLocal: false);
            }
        }

        EndTurn();
    }

    private void RunTimers()
    {
        while (_timers.TakeDue(Now) is { } socket)
        {
            if (socket.Owner is not { } owner) continue;
            Begin(owner);
            Call(socket, owner, static owner => owner.OnTimer());
        }
    }

    private void Begin(object what)
    {
        _running = what;
        Volatile.Write(ref _turn, _turn + 1);
    }

    private void Fail(LoopSocket socket, Exception exception)
    {
        Group.ReportFailure(socket, exception);
        try
        {
            socket.Owner?.OnAborted(exception.Message);
        }
        catch (Exception second)
        {
            Group.ReportFailure(socket, second);
        }

        if (socket.Loop == this) socket.Close(reset: true);
        else socket.Abort(); // It is on its way to another loop.
    }

    private void CallOwners(Func<LoopSocket, bool> isMeant, Action<ISocketOwner> action)
    {
        foreach (LoopSocket? socket in _sockets.ToArray())
        {
            if (socket is { Owner: { } owner, IsClosed: false } && isMeant(socket)) Call(socket, owner, action);
        }
    }

    /// <summary>Gives an owner a turn. What it throws costs its socket and nothing else.</summary>
    private void Call(LoopSocket socket, ISocketOwner owner, Action<ISocketOwner> action)
    {
        try
        {
            action(owner);
            EndTurn();
        }
        catch (Exception exception)
        {
            Fail(socket, exception);
        }
    }

    private void End()
    {
        RunWork();
        CallOwners(static _ => true, static owner => owner.OnAborted("the event loop ends"));
        foreach (LoopSocket? socket in _sockets) socket?.Close(reset: true);

        // What that set going ends here, too. Only what never comes to an end is left to the pool.
        RunWork();
        _ended = true;

        // Either a poster sees the line above, or we see below what it posted: the barrier keeps the two in order.
        Interlocked.MemoryBarrier();
        _current = null;
        RunRestOnPool();
        _alarm?.Dispose();
        _epollHandle.Dispose();
        _events.Dispose();
    }

    private void RunRestOnPool()
    {
        while (_work.TryDequeue(out (SendOrPostCallback Callback, object? State) work))
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Callback(work.State), work, preferLocal: false);
    }

    private static SafeFileHandle Own(int fd, string call) => new(ThrowIfFailed(fd, call), ownsHandle: true);

    private static int ThrowIfFailed(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call} failed: {SocketErrors.Describe(-result)}");
}
