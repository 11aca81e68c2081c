using Tideway.Components;
using Tideway.DynamicConfig;

namespace Tideway.Server;

/// <summary>Listens for the service's handlers: the <c>server</c> component.</summary>
/// <param name="config">Where to listen, and the limits.</param>
/// <param name="handlers">All handlers of the service.</param>
/// <param name="context">Who the component is.</param>
/// <param name="processors">The event loops.</param>
/// <param name="dynamicConfig">The variables; null for their defaults.</param>
public sealed class ServerComponent(
    ServerConfig config,
    IReadOnlyList<Handler> handlers,
    ComponentContext context,
    TaskProcessors processors,
    DynamicConfigComponent? dynamicConfig)
    : INamedComponent, IComponentLifecycle, IAsyncDisposable
{
    private readonly HttpServer _server =
        new(config, handlers, context.LoggerFactory, context.TimeProvider, processors, dynamicConfig?.Source);

    /// <inheritdoc/>
    public static string ComponentName => "server";

    /// <summary>Where the service listens, once it does.</summary>
    public IReadOnlyCollection<string> Addresses => _server.Addresses;

    /// <summary>Where the service listens for requests to monitor handlers, once it does; empty for nowhere.</summary>
    public IReadOnlyCollection<string> MonitorAddresses => _server.MonitorAddresses;

    /// <inheritdoc/>
    public async ValueTask OnAllComponentsLoadedAsync(CancellationToken cancellationToken) =>
        await _server.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask OnAllComponentsAreStoppingAsync(CancellationToken deadline) =>
        await _server.StopAsync(deadline);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
