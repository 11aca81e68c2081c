namespace Tideway.Load.Results;

/// <summary>What one process has done and measured, in a form that crosses a pipe. Immutable.</summary>
internal sealed record WorkResult
{
    /// <summary>How many connections there were, at the end.</summary>
    public int Connections { get; init; }

    /// <summary>How many messages or handshakes were completed in the measured part.</summary>
    public long Operations { get; init; }

    /// <summary>How long the measured part was.</summary>
    public double Seconds { get; init; }

    /// <summary>What the process itself used of its processor in the measured part.</summary>
    public double CpuMicroseconds { get; init; }

    /// <summary>The latencies, as <see cref="Histogram.ToPairs"/>.</summary>
    public long[] Latencies { get; init; } = [];

    public long MaxLatency { get; init; }

    public Dictionary<string, long> Errors { get; init; } = [];

    public static WorkResult Merge(IReadOnlyList<WorkResult> parts)
    {
        var latency = new Histogram();
        var errors = new ErrorLog();
        foreach (WorkResult part in parts)
        {
            latency.Add(Histogram.FromPairs(part.Latencies, part.MaxLatency));
            foreach ((string text, long count) in part.Errors) errors.Add(text, count);
        }

        return new WorkResult
        {
            Connections = parts.Sum(part => part.Connections),
            Operations = parts.Sum(part => part.Operations),
            Seconds = parts.Max(part => part.Seconds),
            CpuMicroseconds = parts.Sum(part => part.CpuMicroseconds),
            Latencies = latency.ToPairs(),
            MaxLatency = latency.Max,
            Errors = errors.ToDictionary(),
        };
    }
}
