using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.WebSockets.Engine;

namespace Tideway.Server;

/// <summary>The base of components that answer a route of the service: HTTP handlers and WebSocket handlers.</summary>
/// <param name="config">The route.</param>
/// <param name="context">Who the handler is.</param>
public abstract class Handler(HandlerConfig config, ComponentContext context)
{
    /// <summary>The name of the handler: that of its component.</summary>
    public string HandlerName => context.ComponentName;

    internal HandlerConfig Route => config;

    internal ComponentContext Context => context;

    /// <summary>The ids of the connections, or streams of them, whose requests the handler is busy with.</summary>
    internal ConcurrentDictionary<string, bool> Running { get; } = new();

    /// <summary>The loops that the handler runs on; null for those of its listener.</summary>
    internal EventLoopGroup? Loops { get; set; }

    /// <summary>The methods that its route takes over HTTP/2, besides those of its config.</summary>
    internal virtual IEnumerable<string> MethodsOfStreams => [];

    /// <summary>The limits of the requests; null until the handler has an endpoint.</summary>
    internal RequestLimits? RequestLimits { get; set; }

    internal abstract Task ServeAsync(HttpContext http);

    /// <summary>Takes other limits, in place of those of the static config. Called by one thread at a time.</summary>
    internal virtual void Limit(HandlerLimitsConfig limits) =>
        RequestLimits?.Set(limits.MaxRequestsPerSecond, limits.MaxRequestsInFlight);
}
