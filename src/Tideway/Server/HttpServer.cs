using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.DynamicConfig;

namespace Tideway.Server;

/// <summary>The listeners of a service: one for its handlers,
/// and one for its monitor handlers where it has any.</summary>
/// <remarks>Start it once and dispose it. Safe from any thread.</remarks>
public sealed partial class HttpServer : IAsyncDisposable
{
    private readonly ServerConfig _config;
    private readonly IReadOnlyList<Handler> _handlers;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TaskProcessors? _ownProcessors;
    private readonly ServerMetrics _metrics;
    private readonly HandlerLimits _limits;
    private readonly Listener _main;
    private readonly Listener? _monitor;

    /// <summary>Prepares a server; nothing listens yet.</summary>
    /// <param name="config">Where to listen, and the limits.</param>
    /// <param name="handlers">The handlers.</param>
    /// <param name="loggerFactory">Where the server reports. The loggers of the access logs are found in it, if it is a
    /// <see cref="Observability.LoggerRegistry"/>.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <param name="processors">The event loops; null for the server's own.</param>
    /// <param name="dynamicConfig">The variables that steer the server; null for their defaults.</param>
    /// <param name="meters">The service that the server's metrics belong to; null for one of its own.</param>
    /// <exception cref="InvalidOperationException">A path is no route, two handlers have one route, a logger does not
    /// exist, or a monitor handler has no listener.</exception>
    /// <exception cref="IOException">A certificate, its key or what else <c>tls</c> names cannot be used; the message
    /// has the option.</exception>
    public HttpServer(
        ServerConfig config,
        IReadOnlyList<Handler> handlers,
        ILoggerFactory loggerFactory,
        TimeProvider? timeProvider = null,
        TaskProcessors? processors = null,
        DynamicConfigSource? dynamicConfig = null,
        IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(handlers);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _config = config;
        _handlers = handlers;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = loggerFactory.CreateLogger("server");
        dynamicConfig ??= new DynamicConfigSource();
        var accessLog = AccessLog.Open(config, loggerFactory, dynamicConfig, _timeProvider);
        var pipeline = new RequestPipeline(config, accessLog, _timeProvider, _logger);
        ILookup<bool, Handler> byMonitor = handlers.ToLookup(handler => handler.Route.MonitorHandler);
        if (byMonitor[true].FirstOrDefault() is { } lost && config.ListenerMonitor is null)
        {
            throw new InvalidOperationException(
                $"'{lost.HandlerName}' has monitor-handler: true, but there is no listener-monitor to serve it on");
        }

        var own = new ComponentContext("server") { LoggerFactory = loggerFactory, TimeProvider = _timeProvider };
        processors ??= _ownProcessors = new TaskProcessors(own);
        meters ??= own.Meters;
        _main = new Listener(
            "listener", config.Listener, pipeline, [.. byMonitor[false]], processors, loggerFactory, meters);
        if (config.ListenerMonitor is { } monitor)
        {
            _monitor = new Listener(
                "listener-monitor", monitor, pipeline, [.. byMonitor[true]], processors, loggerFactory, meters);
        }

        _metrics = new ServerMetrics(handlers, processors, _monitor is null ? [_main] : [_main, _monitor], meters);
        _limits = new HandlerLimits(handlers, dynamicConfig, _logger);
    }

    /// <summary>Where the server listens, once it does: <c>http://[::]:8080</c>, say.</summary>
    public IReadOnlyCollection<string> Addresses => _main.Addresses;

    /// <summary>Where the server listens for requests to monitor handlers, once it does; empty for nowhere.</summary>
    public IReadOnlyCollection<string> MonitorAddresses => _monitor?.Addresses ?? [];

    /// <summary>What the instruments of this server are on.</summary>
    internal Meter Meter => _metrics.Meter;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_monitor is not null) await _monitor.StartAsync(cancellationToken);
        await _main.StartAsync(cancellationToken);
        foreach (string address in MonitorAddresses) MonitorListening(_logger, address);
        foreach (string address in Addresses) Listening(_logger, address);
    }

    /// <summary>Closes the listeners and every WebSocket (1001), and waits for requests and handlers to end.</summary>
    /// <remarks>What has not ended after <see cref="ServerConfig.ShutdownTimeout"/> is named in a warning,
    /// and cut.</remarks>
    /// <param name="deadline">Is cancelled when what is left is to be cut even before that.</param>
    public async Task StopAsync(CancellationToken deadline)
    {
        using var timeout = new CancellationTokenSource(_config.ShutdownTimeout, _timeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        using var cut = new CancellationTokenSource();
        Task stopping = StopListenersAsync(cut.Token);
        if (await Task.WhenAny(stopping, Task.Delay(Timeout.Infinite, limit.Token)) != stopping)
        {
            ReportOverstaying();
            await cut.CancelAsync();
        }

        await limit.CancelAsync();
        await stopping;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _limits.Dispose();
        _metrics.Dispose();
        await _main.DisposeAsync();
        if (_monitor is not null) await _monitor.DisposeAsync();
        _ownProcessors?.Dispose();
    }

    /// <summary>Stops the main listener first: the monitor answers for as long as there is something to
    /// watch.</summary>
    private async Task StopListenersAsync(CancellationToken cut)
    {
        await _main.StopAsync(cut);
        if (_monitor is not null) await _monitor.StopAsync(cut);
    }

    private void ReportOverstaying()
    {
        const int Named = 10;
        bool isNamed = false;
        foreach (Handler handler in _handlers)
        {
            // A handshake may still be a request while its WebSocket runs already.
            IEnumerable<string> connections = (handler as WebSocketHandler)?.Tally.Open.Select(open => open.Id) ?? [];
            string[] running = [.. handler.Running.Keys.Union(connections)];
            if (running.Length == 0) continue;
            string names = string.Join(", ", running.Take(Named)) + (running.Length > Named ? ", ..." : "");
            Overstayed(_logger, handler.HandlerName, running.Length, names);
            isNamed = true;
        }

        if (!isNamed) ConnectionsOverstayed(_logger);
    }

    [LoggerMessage(200, LogLevel.Information, "Listening on {Address}")]
    private static partial void Listening(ILogger logger, string address);

    [LoggerMessage(203, LogLevel.Information, "Listening for monitor requests on {Address}")]
    private static partial void MonitorListening(ILogger logger, string address);

    [LoggerMessage(204, LogLevel.Warning,
        "Handler '{Handler}' has not ended in time (shutdown-timeout), connections cut: {Count} ({Connections})")]
    private static partial void Overstayed(ILogger logger, string handler, int count, string connections);

    [LoggerMessage(212, LogLevel.Warning,
        "Connections on which no handler runs have not ended in time (shutdown-timeout), and are cut")]
    private static partial void ConnectionsOverstayed(ILogger logger);
}
