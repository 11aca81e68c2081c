using Tideway.Load.Results;
using Tideway.Load.Workloads;

namespace Tideway.Load.Processes;

/// <summary>Several workers as one workload: they take each step together, and their results are merged.</summary>
internal sealed class WorkerGroup(WorkerProcess[] workers) : IWorkload
{
    public Task RunAsync(Step step) => Task.WhenAll(workers.Select(worker => worker.RunAsync(step)));

    public async Task<long> ProgressAsync() =>
        (await Task.WhenAll(workers.Select(worker => worker.ProgressAsync()))).Sum();

    public async Task<WorkResult> FinishAsync() =>
        WorkResult.Merge(await Task.WhenAll(workers.Select(worker => worker.FinishAsync())));

    public async ValueTask DisposeAsync()
    {
        foreach (WorkerProcess worker in workers) await worker.DisposeAsync();
    }
}
