using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Compatibility;

/// <summary>Describes the <c>dynamic-config</c> section, which is accepted without effect.</summary>
public sealed record DynamicConfigConfig : ComponentConfig
{
    private const string Reason = "there is no dynamic config yet";

    /// <summary>Whether values change while the service runs.</summary>
    /// <remarks>Defaults to false.</remarks>
    [NoEffect(Reason), Description("Lets values change while the service runs.")]
    public bool UpdatesEnabled { get; init; }

    /// <summary>Values that replace those of the code.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [NoEffect(Reason), Description("Values that replace those of the code.")]
    public ConfigNode? Defaults { get; init; }

    /// <summary>A JSON file of such values.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [NoEffect(Reason), Description("A JSON file of values that replace those of the code.")]
    public string? DefaultsPath { get; init; }

    /// <summary>Where the last good values are kept.</summary>
    /// <remarks>Defaults to an empty path: nowhere.</remarks>
    [NoEffect(Reason), Description("Where the last good values are kept.")]
    public string FsCachePath { get; init; } = "";

    /// <summary>The task processor for files.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Reason), Description("The task processor for files.")]
    public string? FsTaskProcessor { get; init; }
}

/// <summary>Describes the <c>dynamic-config-fallbacks</c> section, which is accepted without effect.</summary>
public sealed record DynamicConfigFallbacksConfig : ComponentConfig
{
    /// <summary>A JSON file of values.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [NoEffect("there is no dynamic config yet"), Description("A JSON file of values; it need not exist.")]
    public string? FallbackPath { get; init; }
}

/// <summary>Accepts the <c>dynamic-config</c> section.</summary>
/// <param name="config">Its options.</param>
public sealed class DynamicConfigComponent(DynamicConfigConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config";

    /// <summary>The options as they were given.</summary>
    public DynamicConfigConfig Config => config;
}

/// <summary>Accepts the <c>dynamic-config-fallbacks</c> section.</summary>
/// <param name="config">Its options.</param>
public sealed class DynamicConfigFallbacksComponent(DynamicConfigFallbacksConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config-fallbacks";

    /// <summary>The options as they were given.</summary>
    public DynamicConfigFallbacksConfig Config => config;
}
