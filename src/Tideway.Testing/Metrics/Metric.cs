namespace Tideway.Testing.Metrics;

/// <summary>One value of the service's metrics. Immutable.</summary>
/// <param name="Path">The name: <c>tideway.websocket.messages.received</c>, say.</param>
/// <param name="Labels">The labels.</param>
/// <param name="Value">The value.</param>
public sealed record Metric(string Path, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Shows the metric as failures do.</summary>
    public override string ToString() =>
        $"{Path}{{{string.Join(", ", Labels.Select(label => $"{label.Key}={label.Value}"))}}} = {Value:R}";

    /// <summary>Tells whether it has these labels, among others.</summary>
    internal bool Has(ReadOnlySpan<(string Name, string Value)> labels)
    {
        foreach ((string name, string value) in labels)
            if (!Labels.TryGetValue(name, out string? own) || own != value) return false;
        return true;
    }
}
