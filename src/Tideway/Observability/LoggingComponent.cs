using Tideway.Components;
using Tideway.DynamicConfig;

namespace Tideway.Observability;

/// <summary>Names the <c>logging</c> section, and lets the dynamic config steer the loggers; they are opened before any
/// component.</summary>
/// <param name="config">The loggers.</param>
/// <param name="context">The process.</param>
/// <param name="dynamicConfig">The variables; null for none.</param>
public sealed class LoggingComponent(
    LoggingConfig config, ComponentContext context, DynamicConfigComponent? dynamicConfig)
    : INamedComponent, IDisposable
{
    private readonly IDisposable? _subscription =
        (context.LoggerFactory as LoggerRegistry)?.Follow(dynamicConfig?.Source);

    /// <inheritdoc/>
    public static string ComponentName => "logging";

    /// <summary>The loggers as they were configured.</summary>
    public LoggingConfig Config => config;

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();
}
