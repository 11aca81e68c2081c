using Tideway.Components;
using Tideway.Testsuite;

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

    // Another process does not live by the clock of a test.
    internal ConfigServiceClient Client { get; } = new(config, ServiceClock.RealTimeOf(timeProvider));

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
