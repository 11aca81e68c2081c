namespace Tideway.Observability;

/// <summary>One value of a metric at one time. Immutable.</summary>
/// <param name="Path">The name of its instrument.</param>
/// <param name="Labels">What tells it from other values of the metric, sorted by name.</param>
/// <param name="Kind">The kind of value.</param>
/// <param name="Value">The value, unless it is a histogram.</param>
/// <param name="Histogram">The histogram; null for other kinds.</param>
internal sealed record MetricSample(
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Labels,
    MetricKind Kind,
    MetricNumber Value,
    MetricHistogram? Histogram = null)
{
    /// <summary>The kind, as userver calls it.</summary>
    public string KindName => Kind switch
    {
        MetricKind.Gauge => "GAUGE",
        MetricKind.Rate => "RATE",
        _ => "HIST_RATE",
    };

    /// <summary>Whether its value can be written as JSON.</summary>
    public bool IsFinite => double.IsFinite(Value.Value);

    /// <summary>Adds labels, except those of a name that is there.</summary>
    public MetricSample With(IReadOnlyDictionary<string, string> labels) => labels.Count == 0 ? this : this with
    {
        Labels =
        [
            .. Labels
                .Concat(labels.Where(label => Labels.All(own => own.Key != label.Key)))
                .OrderBy(label => label.Key, StringComparer.Ordinal),
        ],
    };
}
