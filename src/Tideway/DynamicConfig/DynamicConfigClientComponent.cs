using Tideway.Components;

namespace Tideway.DynamicConfig;

/// <summary>Knows the config service: the <c>dynamic-config-client</c> component.</summary>
/// <remarks>Append it with <see cref="DynamicConfigClientUpdaterComponent"/>.</remarks>
/// <param name="config">Where the service is.</param>
/// <param name="timeProvider">The clock of the time-outs.</param>
public sealed class DynamicConfigClientComponent(DynamicConfigClientConfig config, TimeProvider timeProvider)
    : INamedComponent, IDisposable
{
    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config-client";

    internal ConfigServiceClient Client { get; } = new(config, timeProvider);

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
