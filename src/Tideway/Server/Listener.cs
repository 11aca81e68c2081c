using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Transport;
using Tideway.WebSockets.Engine;

namespace Tideway.Server;

/// <summary>One Kestrel with the routes of a list of handlers, on exactly the address of its config.</summary>
internal sealed partial class Listener : IAsyncDisposable
{
    private readonly ListenerConfig _config;
    private readonly bool _usesLoops;
    private readonly ConnectionLimit _connections;
    private readonly SilenceLimit _silence;
    private readonly WebApplication _app;
    private readonly ILogger _logger;

    /// <summary>Prepares the listener; nothing listens yet.</summary>
    /// <exception cref="InvalidOperationException">A path is no route, or two handlers have one route.</exception>
    /// <exception cref="IOException">The certificate cannot be used.</exception>
    public Listener(
        string name,
        ListenerConfig config,
        RequestPipeline pipeline,
        IReadOnlyList<Handler> handlers,
        TaskProcessors processors,
        ILoggerFactory loggers,
        IMeterFactory meters)
    {
        (Name, _config) = (name, config);
        _usesLoops = UsesLoops(config);
        _logger = loggers.CreateLogger("server");
        _connections = new ConnectionLimit(config.MaxConnections, _logger);
        _silence = new SilenceLimit(config.Connection.HandshakeTimeout, pipeline.TimeProvider);
        if (config.Tls.IsOn)
            Tls = new TlsReloader(name, config.Tls, HttpVersion, pipeline.TimeProvider, _logger);
        else if (HttpVersion == ListenerHttpVersion.Http2)
            OnlyHttp2(_logger, name);

        // An empty builder reads neither environment nor files: nothing but our config decides where we listen.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new WebServerLog(loggers, pipeline.TimeProvider));
        builder.Services.AddSingleton(meters);
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<MatcherPolicy, StrictSlashPolicy>();

        // Only the token of StopAsync says when what is left is cut.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (_usesLoops) UseLoops(builder.WebHost, processors, handlers);
        else builder.WebHost.UseSockets(sockets => sockets.Backlog = config.Backlog);
        builder.WebHost.ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.Use(pipeline.Apply);
        _app.UseRouting();
        Map(handlers, pipeline);
    }

    /// <summary>The section of its config.</summary>
    public string Name { get; }

    /// <summary>How many connections beyond the limit were closed, on Kestrel's transport.</summary>
    public long Refusals => _connections.Refusals;

    /// <summary>How many connections were cut because nothing came on them, behind TLS or on Kestrel's
    /// transport.</summary>
    public long Silences => _silence.Cut;

    /// <summary>What it speaks TLS with; null when it does not.</summary>
    public TlsReloader? Tls { get; }

    /// <summary>Where it listens, once it does.</summary>
    public IReadOnlyCollection<string> Addresses => [.. _app.Urls];

    private ListenerHttpVersion HttpVersion => _config.Connection.HttpVersion;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message names it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_config.UnixSocket is { } file) SocketFile.RemoveIfStale(file);
        try
        {
            await _app.StartAsync(cancellationToken);
            Tls?.Start();
        }
        catch (SocketException exception)
        {
            string where = _config.UnixSocket ?? $"{_config.Address}:{_config.Port}";

            // The platform tells of a folder that is missing as it tells of an address that is not this machine's.
            string why = _config.UnixSocket is { } path && !Directory.Exists(Path.GetDirectoryName(path))
                ? "its folder does not exist"
                : exception.Message;
            throw new IOException($"Cannot listen on {where}: {why}", exception);
        }
    }

    /// <summary>Stops to listen, closes every WebSocket with 1001, and waits for requests to end.</summary>
    /// <param name="cut">Is cancelled when what is left is to be cut.</param>
    public Task StopAsync(CancellationToken cut) => _app.StopAsync(cut);

    public ValueTask DisposeAsync()
    {
        Tls?.Dispose();
        return _app.DisposeAsync();
    }

    private static bool UsesLoops(ListenerConfig config) => config.Transport switch
    {
        ListenerTransport.Kestrel => false,

        // Under TLS a WebSocket cannot move to a loop, and what a loop only passes on costs a change of threads.
        ListenerTransport.Auto => EventLoopGroup.IsSupported && !config.Tls.IsOn,
        _ => EventLoopGroup.IsSupported
            ? true
            : throw new InvalidOperationException("listener.transport: this system has no event loops; say 'auto'"),
    };

    private void UseLoops(IWebHostBuilder host, TaskProcessors processors, IReadOnlyList<Handler> handlers)
    {
        EventLoopGroup loops = processors.Get(_config.TaskProcessor);
        host.UseTidewayTransport(transport =>
        {
            transport.Loops = loops;
            transport.Backlog = _config.Backlog;
            transport.MaxConnections = _config.MaxConnections;
            transport.HandshakeTimeout = _config.Connection.HandshakeTimeout;
        });

        // What names the task processor of its listener stays where it comes in.
        foreach (Handler handler in handlers)
        {
            EventLoopGroup own =
                handler.Route.TaskProcessor is null ? loops : processors.Get(handler.Route.TaskProcessor);
            handler.Loops = own == loops ? null : own;
        }
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        HandlerDefaultsConfig defaults = _config.HandlerDefaults;
        limits.MaxRequestLineSize = defaults.MaxUrlSize;
        limits.MaxRequestBufferSize = Math.Max(
            limits.MaxRequestBufferSize ?? 0, Math.Max(defaults.MaxUrlSize, defaults.MaxHeadersSize));
        limits.MaxRequestHeadersTotalSize = defaults.MaxHeadersSize;
        limits.MaxRequestBodySize = defaults.MaxRequestSize;
        limits.KeepAliveTimeout = _config.Connection.KeepaliveTimeout;
        limits.RequestHeadersTimeout = _config.Connection.HandshakeTimeout;
        if (HttpVersion == ListenerHttpVersion.Http2) _config.Connection.Http2Session.Apply(limits);
        if (_config.UnixSocket is { } path) kestrel.ListenUnixSocket(path, Use);
        else kestrel.Listen(IPAddress.Parse(_config.Address), _config.Port!.Value, Use);

        void Use(ListenOptions options)
        {
            options.Protocols = HttpVersion == ListenerHttpVersion.Http11 ? HttpProtocols.Http1
                : Tls is null ? HttpProtocols.Http2
                : HttpProtocols.Http1AndHttp2;

            // Kestrel's own limits count upgraded connections apart from the others; ours holds for all of them
            // together, as the limit of the event loops does.
            if (!_usesLoops) options.Use(_connections.Apply);
            if (Tls is { } tls)
            {
                options.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(tls.Options),
                    HandshakeTimeout = _config.Connection.HandshakeTimeout,
                });
            }

            // Without TLS the event loops look after that themselves.
            if (!_usesLoops || Tls is not null) options.Use(_silence.Apply);
        }
    }

    private void Map(IReadOnlyList<Handler> handlers, RequestPipeline pipeline)
    {
        var routes = new RouteTable();
        foreach (Handler handler in handlers)
        {
            HandlerConfig config = handler.Route;
            if (routes.Add(handler.HandlerName, config) is { } problem) throw new InvalidOperationException(problem);
            IEnumerable<string> methods = HttpVersion == ListenerHttpVersion.Http2
                ? config.Methods.Concat(handler.MethodsOfStreams)
                : config.Methods;
            IEndpointConventionBuilder endpoint = _app.MapMethods(
                RouteTable.PatternOf(config), methods, new HandlerEndpoint(handler, pipeline).ServeAsync);
            if (config.UrlTrailingSlash == TrailingSlash.StrictMatch)
                endpoint.WithMetadata(new StrictSlash(config.Path));
        }
    }

    /// <summary>Leaves signals to the daemon.</summary>
    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [LoggerMessage(209, LogLevel.Warning,
        "{Listener}.connection.http-version: without TLS, 2 is HTTP/2 only: clients of HTTP/1.1 are refused, and "
        + "browsers speak HTTP/2 over TLS only")]
    private static partial void OnlyHttp2(ILogger logger, string listener);
}
