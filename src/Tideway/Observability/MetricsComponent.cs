using Tideway.Components;

namespace Tideway.Observability;

/// <summary>Has the metrics of the service for who tells them: the <c>statistics-storage</c> component.</summary>
/// <remarks>Nothing is collected until somebody asks for the collector.</remarks>
/// <param name="config">Whose metrics are collected.</param>
/// <param name="context">The service.</param>
public sealed class MetricsComponent(MetricsConfig config, ComponentContext context) : INamedComponent, IDisposable
{
    private readonly Lazy<MetricsCollector> _collector = new(() => new MetricsCollector(
        context.Meters, config.PlatformMeters, context.LoggerFactory.CreateLogger(context.ComponentName)));

    /// <inheritdoc/>
    public static string ComponentName => "statistics-storage";

    /// <summary>Collects from the first time that it is asked for.</summary>
    internal MetricsCollector Collector => _collector.Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_collector.IsValueCreated) _collector.Value.Dispose();
    }
}
