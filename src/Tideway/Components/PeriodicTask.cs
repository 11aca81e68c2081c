using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>Does the same thing again and again, until its component stops.</summary>
/// <remarks>
/// One run at a time; the interval begins when a run has ended. A run that throws is logged and counted, and the next
/// one comes all the same. Time is that of the component's clock, so a functional test moves it; it can also suspend
/// the task, and run it when it likes. Safe from any thread.
/// </remarks>
public sealed class PeriodicTask : IAsyncDisposable
{
    private readonly ComponentContext _context;
    private readonly Func<CancellationToken, Task<bool>> _work;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationToken _ended;
    private Task _loop = Task.CompletedTask;
    private int _started;
    private int _disposed;
    private long _interval;
    private long _succeeded;
    private long _failed;
    private long _lastRun;

    /// <summary>Prepares a task; it runs after <see cref="Start()"/>.</summary>
    /// <param name="context">The component whose task it is.</param>
    /// <param name="name">Its name, for tests, metrics and logs; no other task of the service has it.</param>
    /// <param name="interval">The time between two runs.</param>
    /// <param name="work">One run. Its token is canceled when the task ends.</param>
    /// <exception cref="InvalidOperationException">Another task has the name.</exception>
    public PeriodicTask(
        ComponentContext context, string name, TimeSpan interval, Func<CancellationToken, Task> work)
        : this(context, name, interval, token => SucceedAsync(work, token))
    {
        ArgumentNullException.ThrowIfNull(work);
    }

    /// <summary>Prepares a task whose runs tell whether they succeeded, and log themselves why not.</summary>
    internal PeriodicTask(
        ComponentContext context, string name, TimeSpan interval, Func<CancellationToken, Task<bool>> work)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (_context, _work, Name, Interval) = (context, work, name, interval);
        _logger = context.LoggerFactory.CreateLogger(context.ComponentName);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping);
        _ended = _stop.Token;
        context.PeriodicTasks.Add(this);
    }

    /// <summary>The name of the task.</summary>
    public string Name { get; }

    /// <summary>The time between two runs. A change counts from the next pause on.</summary>
    public TimeSpan Interval
    {
        get => new(Interlocked.Read(ref _interval));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            Interlocked.Exchange(ref _interval, value.Ticks);
        }
    }

    /// <summary>By how much, at random, each pause is longer or shorter.</summary>
    /// <remarks>Defaults to zero.</remarks>
    public TimeSpan Jitter { get; init; }

    /// <summary>The time from a run that failed to the next.</summary>
    /// <remarks>Defaults to null: the same as always.</remarks>
    public TimeSpan? FailureInterval { get; init; }

    /// <summary>Whether a functional test holds it back; it can still be run.</summary>
    internal bool IsSuspended { get; set; }

    /// <summary>How many runs succeeded.</summary>
    internal long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>How many runs failed.</summary>
    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>How long the last run took.</summary>
    internal TimeSpan LastRun => new(Interlocked.Read(ref _lastRun));

    /// <summary>Begins with a pause, then runs go on. A second call changes nothing.</summary>
    public void Start() => Start(afterFailure: false);

    /// <summary>Makes a run now, after the one that may be running.</summary>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <returns>Whether it succeeded.</returns>
    /// <exception cref="OperationCanceledException">It was called off, or the task has ended.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_ended, cancellationToken);
        await _turn.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            return await RunOnceAsync(either.Token).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the task, and waits for the run that may be running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _context.PeriodicTasks.Remove(this);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Begins with the pause that follows a run, one that failed or another.</summary>
    internal void Start(bool afterFailure)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0) _loop = LoopAsync(Pause(afterFailure));
    }

    /// <summary>Makes an interval longer or shorter, at random, by so much at most.</summary>
    internal static TimeSpan Jittered(TimeSpan interval, TimeSpan most)
    {
        TimeSpan jittered = interval + (most * ((2 * Random.Shared.NextDouble()) - 1));
        return jittered > TimeSpan.Zero ? jittered : TimeSpan.FromMilliseconds(1);
    }

    private static async Task<bool> SucceedAsync(Func<CancellationToken, Task> work, CancellationToken token)
    {
        await work(token).ConfigureAwait(false);
        return true;
    }

    private async Task LoopAsync(TimeSpan pause)
    {
        try
        {
            while (true)
            {
                await Task.Delay(pause, _context.TimeProvider, _ended).ConfigureAwait(false);
                pause = Pause(failed: !IsSuspended && !await RunAsync(_ended).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // This is its end.
        }
    }

    private async Task<bool> RunOnceAsync(CancellationToken token)
    {
        bool succeeded = false;
        long began = _context.TimeProvider.GetTimestamp();
        try
        {
            succeeded = await _work(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            _logger.PeriodicTaskFailed(exception, Name, FailureInterval ?? Interval);
        }

        Interlocked.Exchange(ref _lastRun, _context.TimeProvider.GetElapsedTime(began).Ticks);
        Interlocked.Increment(ref succeeded ? ref _succeeded : ref _failed);
        return succeeded;
    }

    private TimeSpan Pause(bool failed) =>
        failed && FailureInterval is { } interval ? interval : Jittered(Interval, Jitter);
}
