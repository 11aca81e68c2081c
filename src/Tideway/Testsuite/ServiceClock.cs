namespace Tideway.Testsuite;

/// <summary>The clock of a service under test: it runs as the system's does until a test sets its wall time or freezes
/// it, and is moved by the test from then on.</summary>
/// <remarks>
/// <code>
///   runs ── freeze at T ──► stands ── move to T2 ──► stands ── unfreeze ──► runs
///           wall: T                   wall: T2                 wall: the system's
///           monotonic: stops          + max(0, T2 - T)         goes on from where it stood
/// </code>
/// Wall time alone can be set, too: then it stands, and monotonic time runs, and timers with it.
/// Monotonic time never goes back. A timer that a move makes due fires once, on the thread pool, however many of its
/// periods the move passes. Safe from any thread.
/// </remarks>
internal sealed class ServiceClock : TimeProvider
{
    private static readonly TimeSpan _longestAlarm = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private readonly SortedSet<ServiceTimer> _timers = new(ServiceTimer.ByDueTime);
    private readonly TimeProvider _real;
    private readonly long _began;

    /// <summary>Wakes us when the next timer is due, while time runs.</summary>
    private readonly ITimer _alarm;

    private DateTimeOffset? _wall; // Null for the system's.
    private bool _isFrozen; // Monotonic time stands, and wall time does, too.
    private long _ticks; // The monotonic time while it stands; what it is ahead of the system's while it runs.
    private long _lastId;

    /// <summary>Makes a clock that runs.</summary>
    /// <param name="real">What it runs by; null for the system's clock.</param>
    public ServiceClock(TimeProvider? real = null)
    {
        _real = real ?? System;
        _began = _real.GetTimestamp();
        _alarm = _real.CreateTimer(
            static clock => ((ServiceClock)clock!).FireDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _real.LocalTimeZone;

    /// <summary>The clock that nobody moves: for waiting for other processes.</summary>
    public static TimeProvider RealTimeOf(TimeProvider clock) => (clock as ServiceClock)?._real ?? clock;

    /// <summary>Freezes the clock, or moves it once it is frozen.</summary>
    /// <param name="now">The wall time from now on.</param>
    public void Freeze(DateTimeOffset now)
    {
        lock (_lock)
        {
            // It stands at a whole millisecond, so that moves by whole milliseconds end where timers are due.
            const long Whole = TimeSpan.TicksPerMillisecond;
            long ticks = _isFrozen
                ? Ticks + Math.Max(0, (now - _wall!.Value).Ticks)
                : (Ticks + Whole - 1) / Whole * Whole;
            (_isFrozen, _wall, _ticks) = (true, now, ticks);
        }

        FireDue();
    }

    /// <summary>Sets the wall time, where it stands; monotonic time runs on.</summary>
    /// <param name="now">The wall time from now on; null for the system's.</param>
    public void SetWall(DateTimeOffset? now)
    {
        lock (_lock)
        {
            _wall = now;
            if (_isFrozen) (_isFrozen, _ticks) = (false, _ticks - RealTicks);
        }

        FireDue();
    }

    /// <summary>Lets the clock run on.</summary>
    public void Unfreeze() => SetWall(null);

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_lock) return Ticks;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _wall?.ToUniversalTime() ?? _real.GetUtcNow();
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ServiceTimer(this, Interlocked.Increment(ref _lastId), callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets a timer in place of what was set before; without end for not at all.</summary>
    internal void Set(ServiceTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan) return;
            timer.Due = Ticks + dueTime.Ticks;
            timer.Period = period > TimeSpan.Zero ? period : null;
            _timers.Add(timer);
        }

        FireDue();
    }

    private long RealTicks => _real.GetElapsedTime(_began).Ticks;

    private long Ticks => _isFrozen ? _ticks : RealTicks + _ticks;

    private void FireDue()
    {
        lock (_lock)
        {
            long now = Ticks;
            while (_timers.Min is { } timer && timer.Due <= now)
            {
                _timers.Remove(timer);
                if (timer.Period is { } period)
                {
                    timer.Due = now + period.Ticks;
                    _timers.Add(timer);
                }

                ThreadPool.UnsafeQueueUserWorkItem(timer, preferLocal: false);
            }

            _alarm.Change(
                _isFrozen || _timers.Min is not { } next ? Timeout.InfiniteTimeSpan : UntilAlarm(next.Due - now),
                Timeout.InfiniteTimeSpan);
        }
    }

    // In whole milliseconds, as the system's timers are, so that an alarm does not come just before its time.
    private static TimeSpan UntilAlarm(long ticks)
    {
        var wait = TimeSpan.FromMilliseconds((ticks / TimeSpan.TicksPerMillisecond) + 1);
        return wait < _longestAlarm ? wait : _longestAlarm;
    }
}
