using Tideway.Components;

namespace Tideway.DynamicConfig;

/// <summary>Names a file of values to start on: the <c>dynamic-config-fallbacks</c> component.</summary>
/// <param name="config">The file.</param>
public sealed class DynamicConfigFallbacksComponent(DynamicConfigFallbacksConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config-fallbacks";

    /// <summary>The options as they were given.</summary>
    public DynamicConfigFallbacksConfig Config => config;
}
