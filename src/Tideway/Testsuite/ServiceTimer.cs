namespace Tideway.Testsuite;

/// <summary>A timer of a <see cref="ServiceClock"/>, which guards its times by its lock.</summary>
internal sealed class ServiceTimer(ServiceClock clock, long id, TimerCallback callback, object? state)
    : ITimer, IThreadPoolWorkItem
{
    private static readonly ContextCallback _call = static timer => ((ServiceTimer)timer!).Call();

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private volatile bool _isDisposed;

    /// <summary>Orders timers by when they are due; those that are due together, by their age.</summary>
    public static IComparer<ServiceTimer> ByDueTime { get; } = Comparer<ServiceTimer>.Create(
        static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Id.CompareTo(b.Id));

    /// <summary>When it is due, in ticks of the clock's monotonic time.</summary>
    public long Due { get; set; }

    /// <summary>After how long it is due again; null for never.</summary>
    public TimeSpan? Period { get; set; }

    private long Id => id;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfWrong(dueTime);
        ThrowIfWrong(period);
        if (_isDisposed) return false;
        clock.Set(this, dueTime, period);
        return true;
    }

    public void Dispose()
    {
        _isDisposed = true;
        clock.Set(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_isDisposed) return;
        if (_context is null) Call();
        else ExecutionContext.Run(_context, _call, this);
    }

    private static void ThrowIfWrong(TimeSpan time)
    {
        if (time != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
    }

    private void Call() => callback(state);
}
