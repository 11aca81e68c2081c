using Tideway.Load.Results;
using Tideway.WebSockets.Engine;

namespace Tideway.Load.Workloads;

/// <summary>One event loop with what it counts. Plain fields, for the loop's thread; others only look.</summary>
internal sealed class Lane(EventLoop loop, ErrorLog errors)
{
    private long _count;
    private bool _isRecording;

    public EventLoop Loop => loop;

    public ErrorLog Errors => errors;

    public Histogram Latency { get; } = new();

    /// <summary>What was done since the last step.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>What was done in the measured part.</summary>
    public long Measured { get; private set; }

    /// <summary>Tells the loads to begin nothing new.</summary>
    public bool IsStopping { get; private set; }

    public void Record(long nanoseconds)
    {
        _count++;
        if (_isRecording) Latency.Record(nanoseconds);
    }

    /// <summary>Counts from 0 on, with or without keeping the latencies.</summary>
    public void Restart(bool isRecording)
    {
        _isRecording = isRecording;
        _count = 0;
        Latency.Clear();
    }

    /// <summary>Ends the measured part.</summary>
    /// <param name="goesOn">Whether what was begun in it and comes later has its latency kept.</param>
    public void End(bool goesOn)
    {
        Measured = _count;
        _isRecording = goesOn;
    }

    public void Stop() => IsStopping = true;

    /// <summary>Runs an action on the loop, and completes on the pool with it.</summary>
    public Task RunAsync(Func<Task> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(async _ => await RunIntoAsync(done, action), null);
        return done.Task;
    }

    private static async Task RunIntoAsync(TaskCompletionSource done, Func<Task> action)
    {
        try
        {
            await action();
            done.SetResult();
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }
}
