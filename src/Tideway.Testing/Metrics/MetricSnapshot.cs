namespace Tideway.Testing.Metrics;

/// <summary>The metrics of the service at one moment, or what they have changed by. Immutable.</summary>
public sealed class MetricSnapshot
{
    private readonly Dictionary<string, Metric> _metrics = [];

    internal MetricSnapshot(IEnumerable<Metric> metrics)
    {
        foreach (Metric metric in metrics) _metrics[KeyOf(metric)] = metric;
    }

    /// <summary>All metrics.</summary>
    public IReadOnlyCollection<Metric> Metrics => _metrics.Values;

    /// <summary>The sum of all metrics of a name that have these labels, among others.</summary>
    /// <param name="path">The name.</param>
    /// <param name="labels">The labels.</param>
    /// <exception cref="KeyNotFoundException">There is no such metric.</exception>
    public double this[string path, params ReadOnlySpan<(string Name, string Value)> labels]
    {
        get
        {
            double sum = 0;
            int count = 0;
            foreach (Metric metric in _metrics.Values)
            {
                if (metric.Path != path || !metric.Has(labels)) continue;
                sum += metric.Value;
                count++;
            }

            return count > 0 ? sum : throw Missing(path);
        }
    }

    /// <summary>What has changed since an earlier moment.</summary>
    internal MetricSnapshot Since(MetricSnapshot before) => new(_metrics.Select(metric => metric.Value with
    {
        Value = metric.Value.Value - (before._metrics.GetValueOrDefault(metric.Key)?.Value ?? 0),
    }));

    private static string KeyOf(Metric metric) => string.Join(
        '\n',
        metric.Labels.OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}")
            .Prepend(metric.Path));

    private KeyNotFoundException Missing(string path)
    {
        string[] labels = [.. _metrics.Values.Where(metric => metric.Path == path).Select(metric => metric.ToString())];
        return new KeyNotFoundException(labels.Length > 0
            ? $"No metric '{path}' has these labels; there are:\n{string.Join('\n', labels)}"
            : $"The service has no metric '{path}'; it has:\n"
                + string.Join('\n', _metrics.Values.Select(metric => metric.Path).Distinct().Order()));
    }
}
