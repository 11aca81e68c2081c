using Tideway.Components;

namespace Tideway.Observability;

/// <summary>Names the <c>logging</c> section; the loggers themselves are opened before any component.</summary>
/// <param name="config">The loggers.</param>
public sealed class LoggingComponent(LoggingConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "logging";

    /// <summary>The loggers as they were configured.</summary>
    public LoggingConfig Config => config;
}
