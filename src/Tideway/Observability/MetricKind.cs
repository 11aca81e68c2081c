namespace Tideway.Observability;

/// <summary>What kind of value a metric has.</summary>
internal enum MetricKind
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A sum that only grows.</summary>
    Rate,

    /// <summary>How many values were in which range.</summary>
    Histogram,
}
