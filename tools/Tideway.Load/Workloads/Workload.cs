using Tideway.Load.Processes;

namespace Tideway.Load.Workloads;

/// <summary>Makes workloads.</summary>
internal static class Workload
{
    /// <summary>Makes the workload of a run: here, or split over processes.</summary>
    public static IWorkload Create(LoadOptions options) => options.Processes > 1
        ? new WorkerGroup([.. Enumerable.Range(0, options.Processes).Select(i => new WorkerProcess(options.PartOf(i)))])
        : CreateHere(options);

    /// <summary>Makes a workload in this process.</summary>
    public static IWorkload CreateHere(LoadOptions options) => options.Workload switch
    {
        "echo" => new EchoWorkload(options),
        "connect" => new ConnectWorkload(options),
        "idle" => new IdleWorkload(options),
        _ => throw new ArgumentException($"There is no workload '{options.Workload}'."),
    };
}
