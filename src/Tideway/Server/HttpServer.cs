using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tideway.Server;

/// <summary>Kestrel with the routes of a list of handlers, on exactly the address of its config.</summary>
/// <remarks>Start it once and dispose it. Safe from any thread.</remarks>
public sealed partial class HttpServer : IAsyncDisposable
{
    private readonly ServerConfig _config;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal); // By handler.
    private readonly ILogger _logger;

    /// <summary>Prepares a server; nothing listens yet.</summary>
    /// <param name="config">Where to listen, and the limits.</param>
    /// <param name="handlers">The handlers.</param>
    /// <param name="loggerFactory">Where the server reports.</param>
    /// <exception cref="InvalidOperationException">A path is no route, two handlers have one route, or the certificate
    /// cannot be used.</exception>
    public HttpServer(ServerConfig config, IReadOnlyList<Handler> handlers, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(handlers);
        _config = config;
        _logger = loggerFactory.CreateLogger("server");

        // An empty builder reads neither environment nor files: nothing but our config decides where we listen.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan); // StopAsync has it.
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets => sockets.Backlog = config.Listener.Backlog);
        builder.WebHost.ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.UseRouting();
        Map(handlers);
    }

    /// <summary>Where the server listens, once it does: <c>http://[::]:8080</c>, say.</summary>
    public IReadOnlyCollection<string> Addresses => [.. _app.Urls];

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ListenerConfig listener = _config.Listener;
        if (listener.UnixSocket is { } file) SocketFile.RemoveIfStale(file);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (SocketException exception)
        {
            string where = listener.UnixSocket ?? $"{listener.Address}:{listener.Port}";
            throw new IOException($"Cannot listen on {where}: {exception.Message}", exception);
        }

        foreach (string address in Addresses) Listening(_logger, address);
    }

    /// <summary>Closes the listeners, closes every WebSocket with 1001, and waits for requests to end.</summary>
    /// <param name="deadline">Is cancelled when what is left is to be cut.</param>
    public async Task StopAsync(CancellationToken deadline)
    {
        using var cut = new CancellationTokenSource();
        using var overdue = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        using CancellationTokenRegistration registration = overdue.Token.Register(() =>
        {
            foreach ((string handler, int count) in _running.Where(running => running.Value > 0))
                Overdue(_logger, count, count == 1 ? "request or connection" : "requests or connections", handler, _config.ShutdownTimeout);
            cut.Cancel();
        });
        overdue.CancelAfter(_config.ShutdownTimeout);
        await _app.StopAsync(cut.Token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Configure(KestrelServerOptions kestrel)
    {
        ListenerConfig listener = _config.Listener;
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestLineSize = listener.HandlerDefaults.MaxUrlSize;
        limits.MaxRequestBufferSize = new[]
        {
            limits.MaxRequestBufferSize ?? 0, listener.HandlerDefaults.MaxUrlSize, listener.HandlerDefaults.MaxHeadersSize,
        }.Max();
        limits.MaxRequestHeadersTotalSize = listener.HandlerDefaults.MaxHeadersSize;
        limits.MaxRequestBodySize = listener.HandlerDefaults.MaxRequestSize;
        limits.KeepAliveTimeout = listener.Connection.KeepaliveTimeout;

        // Kestrel's own limits count upgraded connections apart from the others; ours holds for all of them together.
        var connections = new ConnectionLimit(listener.MaxConnections, _logger);
        var chain = new X509Certificate2Collection();
        X509Certificate2? certificate = LoadCertificate(listener.Tls, chain);
        if (listener.UnixSocket is { } path) kestrel.ListenUnixSocket(path, Use);
        else kestrel.Listen(IPAddress.Parse(listener.Address), listener.Port!.Value, Use);

        void Use(ListenOptions options)
        {
            options.Protocols = HttpProtocols.Http1;
            options.Use(connections.Apply);
            if (certificate is null) return;
            options.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ServerCertificateChain = chain;
            });
        }
    }

    private static X509Certificate2? LoadCertificate(TlsConfig tls, X509Certificate2Collection chain)
    {
        if (tls.Cert is null || tls.PrivateKey is null) return null;
        try
        {
            chain.ImportFromPemFile(tls.Cert);
            return X509Certificate2.CreateFromPemFile(tls.Cert, tls.PrivateKey);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"listener.tls: the certificate '{tls.Cert}' with the key '{tls.PrivateKey}' cannot be used: {exception.Message}",
                exception);
        }
    }

    private void Map(IReadOnlyList<Handler> handlers)
    {
        var routes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Handler handler in handlers)
        {
            string path = handler.Route.Path;
            foreach (string method in handler.Route.Methods)
            {
                string route = $"{method} {Shape(path)}";
                if (!routes.TryAdd(route, handler.HandlerName))
                    throw new InvalidOperationException($"'{handler.HandlerName}' and '{routes[route]}' both answer {method} {path}");
            }

            string pattern = path.EndsWith("/*", StringComparison.Ordinal) ? path[..^1] + "{**rest}" : path;
            try
            {
                _app.MapMethods(pattern, handler.Route.Methods, http => ServeAsync(handler, http));
            }
            catch (RoutePatternException exception)
            {
                throw new InvalidOperationException($"'{handler.HandlerName}' cannot answer '{path}': {exception.Message}", exception);
            }
        }
    }

    /// <summary>What the router sees of a path: not the case, the names of arguments and the slash at its end.</summary>
    private static string Shape(string path) => ArgumentName().Replace(path, "{").TrimEnd('/').ToLowerInvariant();

    [GeneratedRegex(@"\{[^{}:*?=]+")]
    private static partial Regex ArgumentName();

    private async Task ServeAsync(Handler handler, HttpContext http)
    {
        if (_config.ServerName.Length > 0) http.Response.Headers.Server = _config.ServerName;
        if (handler.Route.MaxRequestSize is { } limit && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = limit;
        _running.AddOrUpdate(handler.HandlerName, 1, static (_, count) => count + 1);
        try
        {
            await handler.ServeAsync(http);
        }
        catch (Exception exception) when (!http.Response.HasStarted && exception is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            HandlerFailed(_logger, handler.HandlerName, http.Request.Method, http.Request.Path, exception);
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        finally
        {
            _running.AddOrUpdate(handler.HandlerName, 0, static (_, count) => count - 1);
        }
    }

    [LoggerMessage(200, LogLevel.Information, "Listening on {Address}")]
    private static partial void Listening(ILogger logger, string address);

    [LoggerMessage(201, LogLevel.Error, "Handler '{Handler}' failed to answer {Method} {Path}")]
    private static partial void HandlerFailed(ILogger logger, string handler, string method, string path, Exception exception);

    [LoggerMessage(203, LogLevel.Warning,
        "{Count} {What} of handler '{Handler}' did not end in {Time} (shutdown-timeout), and will be cut")]
    private static partial void Overdue(ILogger logger, int count, string what, string handler, TimeSpan time);

    /// <summary>Leaves signals to the daemon.</summary>
    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
