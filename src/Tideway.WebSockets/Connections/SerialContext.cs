using System.Runtime.ExceptionServices;

namespace Tideway.WebSockets.Connections;

/// <summary>Runs callbacks one at a time, in order, on threads of the pool: the loop of a channel that has no
/// thread.</summary>
/// <remarks>
/// Safe from any thread. A turn is a run of callbacks without a pause; its end is where output is flushed. A long run
/// is cut into turns, so that callbacks that post callbacks hold back neither their output nor other users of the
/// pool.
/// </remarks>
/// <param name="runsOn">Is told the number of the thread on which a turn begins, and 0 at its end.</param>
/// <param name="endOfTurn">Is called at the end of a turn, inside it.</param>
internal sealed class SerialContext(Action<int> runsOn, Action endOfTurn) : SynchronizationContext, IThreadPoolWorkItem
{
    private const int LongestTurn = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private bool _busy;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _work.Enqueue((d, state));
            if (_busy) return;
            _busy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Runs a turn that begins with the callback on the caller's thread; false when a turn is under
    /// way.</summary>
    public bool TryRun(SendOrPostCallback callback, object? state)
    {
        lock (_gate)
        {
            if (_busy) return false;
            _busy = true;
        }

        Turn(callback, state);
        return true;
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    void IThreadPoolWorkItem.Execute() => Turn(static _ => { }, null);

    private void Turn(SendOrPostCallback callback, object? state)
    {
        SynchronizationContext? outerContext = Current;
        runsOn(Environment.CurrentManagedThreadId);
        SetSynchronizationContext(this);
        try
        {
            for (int length = 0; length < LongestTurn; length++)
            {
                Run(callback, state);
                if (!TryTakeWork(out callback, out state)) return;
            }

            Run(callback, state);
            endOfTurn();
            runsOn(0);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        finally
        {
            SetSynchronizationContext(outerContext);
        }
    }

    private bool TryTakeWork(out SendOrPostCallback callback, out object? state)
    {
        bool turnEnded = false;
        while (true)
        {
            lock (_gate)
            {
                if (_work.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
                {
                    (callback, state) = next;
                    return true;
                }

                if (turnEnded)
                {
                    (callback, state) = (static _ => { }, null);
                    runsOn(0);
                    _busy = false;
                    return false;
                }
            }

            // Outside the lock: it writes. What is posted meanwhile prolongs the turn.
            endOfTurn();
            turnEnded = true;
        }
    }

    private static void Run(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (Exception exception)
        {
            // Only an `async void` of the application comes here. It ends the process, as it does on the bare pool.
            var captured = ExceptionDispatchInfo.Capture(exception);
            ThreadPool.UnsafeQueueUserWorkItem(static info => info.Throw(), captured, preferLocal: false);
        }
    }
}
