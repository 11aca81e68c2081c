using Tideway.Components;
using Tideway.Configuration;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>One service in this process: its static config, its loggers, its components.</summary>
/// <remarks>
/// <see cref="Daemon"/> runs one until a signal comes; functional tests run as many as they like, side by side. It
/// touches neither signals nor the console, nor anything else that the process has only once. Load it, start it,
/// dispose it. Safe from any thread once it has started.
/// </remarks>
public sealed class ServiceHost : IAsyncDisposable
{
    /// <summary>How long components may take to stop, beside the time that servers give their connections.</summary>
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(20);

    private readonly ComponentList _components;
    private readonly ServiceConfig _config;
    private ComponentSystem? _system;

    private ServiceHost(ComponentList components, ServiceConfig config, LoggerRegistry loggers)
    {
        (_components, _config, Loggers) = (components, config, loggers);
    }

    /// <summary>The loggers, open from the beginning.</summary>
    public LoggerRegistry Loggers { get; }

    /// <summary>Where the service listens, once it has started: <c>http://127.0.0.1:8080</c>, say. Empty without a
    /// server.</summary>
    public IReadOnlyCollection<string> Addresses { get; private set; } = [];

    /// <summary>Where the service listens for requests to monitor handlers, once it has started; empty for
    /// nowhere.</summary>
    public IReadOnlyCollection<string> MonitorAddresses { get; private set; } = [];

    /// <summary>Reads a static config and opens its loggers; nothing runs yet.</summary>
    /// <param name="components">What the service is made of.</param>
    /// <param name="configPath">The static config, a YAML file.</param>
    /// <param name="options">Where its variables come from; null for the defaults.</param>
    /// <exception cref="ConfigException">The config has mistakes: all of them.</exception>
    /// <exception cref="IOException">A log cannot be opened.</exception>
    public static ServiceHost Load(ComponentList components, string configPath, ConfigLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(configPath);
        var config = ServiceConfig.Load(configPath, options ?? new ConfigLoadOptions(), components);
        var loggers = LoggerRegistry.Open((LoggingConfig)config.Components[LoggingComponent.ComponentName]);
        return new ServiceHost(components, config, loggers);
    }

    /// <summary>Starts all components; when it returns, the service listens.</summary>
    /// <remarks>Called once.</remarks>
    /// <param name="cancellationToken">Calls the start off.</param>
    /// <exception cref="ComponentGraphException">What a component asks for cannot be given.</exception>
    /// <exception cref="ComponentException">A component could not be started; of several it is the first.</exception>
    /// <exception cref="OperationCanceledException">The start was called off.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _system = await ComponentSystem.StartAsync(
            _components,
            _config.Components,
            _config.NewClock(),
            Loggers,
            _config.Root.ComponentsManager,
            cancellationToken);
        if (!_config.Components.TryGetValue(ServerComponent.ComponentName, out ComponentConfig? config)
            || !config.LoadEnabled)
        {
            return;
        }

        var server = _system.Find<ServerComponent>(ServerComponent.ComponentName);
        (Addresses, MonitorAddresses) = (server.Addresses, server.MonitorAddresses);
    }

    /// <summary>Closes every WebSocket with 1001, and stops all components.</summary>
    /// <remarks>Connections have <see cref="ServerConfig.ShutdownTimeout"/> to end, and the components another 20
    /// seconds to stop. What has not ended then is named in the log. Further calls wait for the stop that the first one
    /// began.</remarks>
    /// <returns>A task that never fails.</returns>
    public async Task StopAsync()
    {
        if (_system is null) return;
        TimeSpan connections = _config.Components.Values.OfType<ServerConfig>()
            .Select(server => server.ShutdownTimeout).DefaultIfEmpty().Max();
        using var deadline = new CancellationTokenSource(connections + _stopTime);
        await _system.StopAsync(deadline.Token);
    }

    /// <summary>Stops as <see cref="StopAsync"/> does, and closes the loggers.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Loggers.DisposeAsync();
    }
}
