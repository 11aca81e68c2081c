using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Tideway.WebSockets.Connections;

/// <summary>The pending receive of a connection, reused for each one, so that waiting allocates nothing. A mutable
/// value.</summary>
/// <remarks>
/// It is completed on the channel's context. A waiter that wants that very context goes on at once, inside the
/// completion: this is what makes a handler's loop as cheap as a callback. Any other waiter is posted where it belongs.
/// (<see cref="ManualResetValueTaskSourceCore{TResult}"/> would post to the context, too.)
/// </remarks>
internal struct ReceiveSource
{
    private static readonly Action<object?> _completed = static _ => throw new UnreachableException();

    private short _version;
    private MessageKind _result;
    private Exception? _error;
    private Action<object?>? _continuation;
    private object? _state;
    private object? _scheduler;
    private ExecutionContext? _executionContext;

    /// <summary>Tells one receive from the next.</summary>
    public readonly short Version => _version;

    private bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), _completed);

    /// <summary>Begins the next receive, after the last one was taken.</summary>
    public void Begin()
    {
        _version++;
        _error = null;
        _continuation = null;
        _scheduler = null;
        _executionContext = null;
    }

    /// <summary>Completes the receive with what came, and runs the waiter if it belongs here.</summary>
    public void SetResult(MessageKind kind, SynchronizationContext context)
    {
        _result = kind;
        Complete(context);
    }

    /// <summary>Completes the receive with an error.</summary>
    public void SetException(Exception error, SynchronizationContext context)
    {
        _error = error;
        Complete(context);
    }

    /// <summary>Takes the result; see <see cref="IValueTaskSource{TResult}.GetResult"/>.</summary>
    public MessageKind GetResult(short token)
    {
        CheckToken(token);
        if (!IsCompleted) throw new InvalidOperationException("The receive is not over. Await it.");
        return _error is null ? _result : throw _error;
    }

    /// <summary>Tells how far it is; see <see cref="IValueTaskSource{TResult}.GetStatus"/>.</summary>
    public ValueTaskSourceStatus GetStatus(short token)
    {
        CheckToken(token);
        if (!IsCompleted) return ValueTaskSourceStatus.Pending;
        return _error switch
        {
            null => ValueTaskSourceStatus.Succeeded,
            OperationCanceledException => ValueTaskSourceStatus.Canceled,
            _ => ValueTaskSourceStatus.Faulted,
        };
    }

    /// <summary>Takes the waiter; see <see cref="IValueTaskSource{TResult}.OnCompleted"/>.</summary>
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckToken(token);
        _state = state;
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
            _executionContext = ExecutionContext.Capture();
        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0)
            _scheduler = (object?)SynchronizationContext.Current ?? TaskScheduler.Current;

        // The exchange publishes the fields above to the completing thread, or finds that it was here before.
        Action<object?>? earlier = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (earlier is null) return;
        if (!ReferenceEquals(earlier, _completed))
            throw new InvalidOperationException("A receive is awaited twice. Await it once.");
        Schedule(continuation);
    }

    private void Complete(SynchronizationContext context)
    {
        Action<object?>? continuation = Interlocked.Exchange(ref _continuation, _completed);
        Debug.Assert(!ReferenceEquals(continuation, _completed));
        if (continuation is null) return;
        if (ReferenceEquals(_scheduler, context) && _executionContext is null) continuation(_state);
        else Schedule(continuation);
    }

    private readonly void Schedule(Action<object?> continuation)
    {
        object? state = _state;
        Action run = () => continuation(state);
        if (_executionContext is { } flowing) run = () => ExecutionContext.Run(flowing, _ => continuation(state), null);
        switch (_scheduler)
        {
            case SynchronizationContext synchronization:
                synchronization.Post(static run => ((Action)run!)(), run);
                break;
            case TaskScheduler scheduler when scheduler != TaskScheduler.Default:
                Task.Factory.StartNew(run, default, TaskCreationOptions.DenyChildAttach, scheduler);
                break;
            default:
                ThreadPool.UnsafeQueueUserWorkItem(static run => run(), run, preferLocal: true);
                break;
        }
    }

    private readonly void CheckToken(short token)
    {
        if (token != _version) throw new InvalidOperationException("This receive is over and another was begun since.");
    }
}
