namespace Tideway.WebSockets.Connections;

/// <summary>Those who wait for the end of a connection. Made when somebody does, so that an idle connection is
/// small.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class ConnectionEnd
{
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Is canceled when the connection begins to close.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Completes when the connection is closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>What the callbacks of <see cref="Closing"/> threw; null for nothing.</summary>
    public AggregateException? CallbackError { get; private set; }

    /// <summary>The connection begins to close. Repeatable.</summary>
    public void BeginClosing()
    {
        try
        {
            _closing.Cancel();
        }
        catch (AggregateException exception)
        {
            CallbackError = exception;
        }
    }

    /// <summary>The connection is closed.</summary>
    public void Complete() => _closed.TrySetResult();
}
