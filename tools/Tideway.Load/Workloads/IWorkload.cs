using Tideway.Load.Results;

namespace Tideway.Load.Workloads;

/// <summary>The steps of a run, in order.</summary>
internal enum Step
{
    /// <summary>Connect what is to be connected beforehand.</summary>
    Prepare,

    /// <summary>Begin the load.</summary>
    Start,

    /// <summary>Begin to measure.</summary>
    Begin,

    /// <summary>End the measured part. The load may go on.</summary>
    End,
}

/// <summary>Some load on a server, in this process or in another.</summary>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>Takes the next step.</summary>
    public Task RunAsync(Step step);

    /// <summary>Counts what was done since the last step.</summary>
    public Task<long> ProgressAsync();

    /// <summary>Ends the load, waits for what is under way, and closes the connections.</summary>
    public Task<WorkResult> FinishAsync();
}
