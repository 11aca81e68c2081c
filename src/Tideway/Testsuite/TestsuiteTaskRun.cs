namespace Tideway.Testsuite;

/// <summary>One run of a testsuite task.</summary>
internal sealed class TestsuiteTaskRun
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Starts the run, on the thread pool.</summary>
    public TestsuiteTaskRun(string id, Func<CancellationToken, Task> work)
    {
        Id = id;
        Task = Task.Run(() => work(_stop.Token));
    }

    /// <summary>Names the run.</summary>
    public string Id { get; }

    /// <summary>The work.</summary>
    public Task Task { get; }

    /// <summary>Waits for the end.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public async Task<string?> JoinAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WaitAsync(cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One that was told to stop may say so.
            return _stop.IsCancellationRequested && exception is OperationCanceledException ? null : exception.Message;
        }
    }

    /// <summary>Tells the run to stop, and waits for its end.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public async Task<string?> StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        return await JoinAsync(cancellationToken);
    }
}
