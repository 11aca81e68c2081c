using System.Collections.Concurrent;

namespace Tideway.WebSockets.Engine;

/// <summary>A named group of event loops: a task processor. Its threads run from the start until it is
/// disposed.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class EventLoopGroup : IDisposable
{
    private const int LongestThreadName = 15;

    private static readonly TimeSpan _watchInterval = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<EventLoopGroup, bool> _live = new();
    private readonly EventLoop[] _loops;
    private readonly BlockedLoopWatch _watch;
    private int _next = -1;

    /// <summary>Starts the loops.</summary>
    /// <param name="name">The name of the group, for people.</param>
    /// <param name="threads">How many loops, each with a thread of its own.</param>
    /// <param name="threadName">The name of the threads, to which each adds its number; cut to the 15 characters that
    /// the system shows, number and all. Null for the name of the group.</param>
    /// <param name="timeProvider">The clock of all time-outs; null for the system's.</param>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux on a 64-bit processor.</exception>
    /// <exception cref="IOException">The system has no descriptors left.</exception>
    public EventLoopGroup(string name, int threads, string? threadName = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!IsSupported) throw new PlatformNotSupportedException("Event loops need Linux on a 64-bit processor.");
        Name = name;
        TimeProvider = timeProvider ?? TimeProvider.System;
        _loops = new EventLoop[threads];
        try
        {
            for (int i = 0; i < threads; i++)
                _loops[i] = new EventLoop(this, i, NameOf(threadName ?? name, i), TimeProvider);
        }
        catch
        {
            foreach (EventLoop? loop in _loops) loop?.Stop();
            throw;
        }

        _live[this] = true;
        _watch = new BlockedLoopWatch(_loops, _watchInterval, OnBlocked);
    }

    /// <summary>Tells whether event loops work on this system.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian;

    /// <summary>The name of the group.</summary>
    public string Name { get; }

    /// <summary>The clock of all time-outs.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The loops.</summary>
    public IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>How many sockets are on the loops now.</summary>
    public long OpenSockets => _loops.Sum(loop => loop.Counters.Open);

    /// <summary>Is called, from some thread, when a loop has been busy with one thing for a second or more.</summary>
    public event Action<BlockedLoop>? Blocked;

    /// <summary>Is called, on the loop, when the owner of a socket threw; its connection was reset.</summary>
    public event Action<LoopSocket, Exception>? OwnerFailed;

    /// <summary>Picks a loop for the next socket: each in its turn.</summary>
    public EventLoop PickLoop() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>Ends the loops, resets what is still connected, and waits for the threads.</summary>
    public void Dispose()
    {
        _live.TryRemove(this, out _);
        _watch.Dispose();
        foreach (EventLoop loop in _loops) loop.Stop();
    }

    /// <summary>All loops of the process: a socket may have moved to any.</summary>
    internal static IEnumerable<EventLoop> AllLoops => _live.Keys.SelectMany(group => group._loops);

    internal void ReportFailure(LoopSocket socket, Exception exception)
    {
        try
        {
            OwnerFailed?.Invoke(socket, exception);
        }
        catch (Exception)
        {
            // There is nobody to report to that a report failed. It must not end the loop.
        }
    }

    private static string NameOf(string prefix, int index)
    {
        string suffix = $"_{index}";
        return prefix[..Math.Min(prefix.Length, LongestThreadName - suffix.Length)] + suffix;
    }

    private void OnBlocked(BlockedLoop blocked) => Blocked?.Invoke(blocked);
}
