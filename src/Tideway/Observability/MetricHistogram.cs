namespace Tideway.Observability;

/// <summary>How many values were at most as large as each bound, and larger than the one before.</summary>
/// <param name="Bounds">The bounds, growing.</param>
/// <param name="Buckets">The counts, one for each bound.</param>
/// <param name="Beyond">The count of larger values.</param>
internal sealed record MetricHistogram(IReadOnlyList<double> Bounds, IReadOnlyList<long> Buckets, long Beyond)
{
    /// <summary>How many values there were.</summary>
    public long Count => Buckets.Sum() + Beyond;
}
