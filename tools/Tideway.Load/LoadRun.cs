using System.Diagnostics;
using Tideway.Load.Results;
using Tideway.Load.Workloads;

namespace Tideway.Load;

/// <summary>Runs a workload from its first connection to its result, and looks at the server's process.</summary>
internal sealed class LoadRun(LoadOptions options, ProgressLine progress)
{
    private const int MostSamples = 60;
    private readonly ServerProcess? _server = options.ServerPid is { } pid ? new ServerProcess(pid) : null;
    private readonly List<Sample> _samples = [];

    private TimeSpan SampleInterval => TimeSpan.FromSeconds(Math.Clamp(options.DurationSeconds / MostSamples, 0.1, 1));

    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        await using IWorkload workload = Workload.Create(options);
        bool isIdle = options.Workload == "idle";
        progress.Show("connecting");
        await workload.RunAsync(Step.Prepare).WaitAsync(cancellationToken);
        long? residentBefore = isIdle ? _server?.ResidentBytes : null;
        await workload.RunAsync(Step.Start).WaitAsync(cancellationToken);
        progress.Show("warming up");
        if (!isIdle) await Task.Delay(TimeSpan.FromSeconds(options.WarmupSeconds), cancellationToken);

        await workload.RunAsync(Step.Begin).WaitAsync(cancellationToken);
        double? cpuBefore = _server?.CpuMicroseconds;
        await SampleAsync(workload, cancellationToken);
        double? cpu = _server?.CpuMicroseconds - cpuBefore;
        await workload.RunAsync(Step.End).WaitAsync(cancellationToken);
        long? residentAfter = isIdle ? _server?.ResidentBytes : null;

        progress.Show("closing");
        WorkResult work = await workload.FinishAsync().WaitAsync(cancellationToken);
        progress.Clear();
        return new LoadResult(options, work, cpu, residentBefore, residentAfter, _samples);
    }

    private async Task SampleAsync(IWorkload workload, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var duration = TimeSpan.FromSeconds(options.DurationSeconds);
        (TimeSpan last, long lastCount) = (TimeSpan.Zero, 0);
        while (last < duration)
        {
            long next = Math.Min(duration.Ticks, (last.Ticks / SampleInterval.Ticks + 1) * SampleInterval.Ticks);

            // A delay may end some milliseconds early. What is counted in the few that were left would be noise.
            while (next - Stopwatch.GetElapsedTime(start).Ticks is > 0 and var left)
            {
                int milliseconds = (int)Math.Ceiling(TimeSpan.FromTicks(left).TotalMilliseconds);
                await Task.Delay(milliseconds, cancellationToken);
            }

            long count = await workload.ProgressAsync().WaitAsync(cancellationToken);
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            _samples.Add(new Sample(now.TotalSeconds, (count - lastCount) / (now - last).TotalSeconds));
            progress.Show(_samples[^1], options);
            (last, lastCount) = (now, count);
        }
    }
}
