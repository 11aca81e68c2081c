using Tideway.Components;

namespace Tideway.DynamicConfig;

/// <summary>Lets the values come from a config service: the <c>dynamic-config-client-updater</c> component.</summary>
/// <remarks><see cref="DynamicConfigComponent"/> asks through it, first while it is constructed: so whoever is given
/// that component has the first values.</remarks>
/// <param name="config">When to ask.</param>
/// <param name="client">The config service.</param>
public sealed class DynamicConfigClientUpdaterComponent(
    DynamicConfigClientUpdaterConfig config, DynamicConfigClientComponent client) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config-client-updater";

    internal DynamicConfigClientUpdaterConfig Config => config;

    internal ConfigServiceClient Client => client.Client;
}
