using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Compatibility;

/// <summary>Describes the <c>tracer</c> section, which is accepted without effect.</summary>
public sealed record TracerConfig : ComponentConfig
{
    /// <summary>The name of the service in traces.</summary>
    /// <remarks>Defaults to an empty name.</remarks>
    [NoEffect("traces are not written yet"), Description("The name of the service in traces.")]
    public string ServiceName { get; init; } = "";

    /// <summary>The kind of tracer.</summary>
    /// <remarks>Defaults to <c>native</c>.</remarks>
    [NoEffect("traces are not written yet"), Description("The kind of tracer.")]
    public string Tracer { get; init; } = "native";
}

/// <summary>Accepts the <c>tracer</c> section.</summary>
/// <param name="config">Its options.</param>
public sealed class TracerComponent(TracerConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "tracer";

    /// <summary>The options as they were given.</summary>
    public TracerConfig Config => config;
}
