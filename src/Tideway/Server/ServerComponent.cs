using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Testsuite;

namespace Tideway.Server;

/// <summary>Listens for the service's handlers: the <c>server</c> component.</summary>
/// <param name="config">Where to listen, and the limits.</param>
/// <param name="handlers">All handlers of the service.</param>
/// <param name="context">Who the component is.</param>
/// <param name="processors">The event loops.</param>
/// <param name="dynamicConfig">The variables; null for their defaults.</param>
/// <param name="middlewares">What answers pass besides the framework; null for nothing.</param>
public sealed class ServerComponent(
    ServerConfig config,
    IReadOnlyList<Handler> handlers,
    ComponentContext context,
    TaskProcessors processors,
    DynamicConfigComponent? dynamicConfig,
    MiddlewarePipelineComponent? middlewares)
    : INamedComponent, IComponentLifecycle, IAsyncDisposable
{
    private readonly HttpServer _server = new(
        config with { TellsExceptions = middlewares?.TellsExceptions == true },
        handlers,
        context.LoggerFactory,
        context.TimeProvider,
        processors,
        dynamicConfig?.Source,
        context.Meters);

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
    public async ValueTask OnAllComponentsAreStoppingAsync(CancellationToken deadline)
    {
        // What waits for its time-outs now waits for nobody who would move the clock.
        (context.TimeProvider as ServiceClock)?.Unfreeze();
        await _server.StopAsync(deadline);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
