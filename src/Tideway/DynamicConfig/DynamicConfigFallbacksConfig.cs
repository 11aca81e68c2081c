using System.ComponentModel;
using Tideway.Components;

namespace Tideway.DynamicConfig;

/// <summary>Describes the <c>dynamic-config-fallbacks</c> section.</summary>
public sealed record DynamicConfigFallbacksConfig : ComponentConfig
{
    /// <summary>A file of values, JSON or YAML.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [Description("A file of values, JSON or YAML, for variables that get none from elsewhere; it need not exist.")]
    public string? FallbackPath { get; init; }
}
