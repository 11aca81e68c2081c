namespace Tideway.Observability;

/// <summary>Says how metrics are written.</summary>
public enum MetricFormat
{
    /// <summary>A JSON object with a list of values for each path.</summary>
    Json,

    /// <summary>A line for each value, for people.</summary>
    Pretty,

    /// <summary>The text format of Prometheus.</summary>
    Prometheus,

    /// <summary>The text format of Prometheus, without the type of gauges.</summary>
    PrometheusUntyped,

    /// <summary>Lines with tags of Graphite.</summary>
    Graphite,

    /// <summary>The JSON of Solomon.</summary>
    Solomon,
}
