using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Upgrade;
using Tideway.WebSockets.Connections;

namespace Tideway.AspNetCore.Endpoints;

/// <summary>Maps WebSocket handlers to routes of an ASP.NET Core application.</summary>
public static class WebSocketEndpointExtensions
{
    /// <summary>Maps a route to a WebSocket handler. The handshake passes the whole pipeline: auth, rate limits
    /// and all.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/chat</c>.</param>
    /// <param name="handler">Runs for the life of each connection;
    /// see <see cref="WebSocketConnection.RunAsync"/>.</param>
    /// <param name="configure">Sets limits, origins and subprotocols; null for the defaults.</param>
    /// <exception cref="ArgumentException">A subprotocol is not a token, is given twice, or is required without
    /// one.</exception>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        string pattern,
        Func<WebSocketConnection, Task> handler,
        Action<WebSocketEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return endpoints.MapWebSocket(pattern, (HttpContext _) => handler, configure);
    }

    /// <summary>Maps a route to a WebSocket handler that knows who connects: the request of the handshake.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/rooms/{room}</c>.</param>
    /// <param name="accept">Looks at a sound handshake, whose request is over before the connection begins, and makes
    /// the handler; null refuses with the status that it has set, or else 403.</param>
    /// <param name="configure">Sets limits, origins and subprotocols; null for the defaults.</param>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        string pattern,
        Func<HttpContext, Func<WebSocketConnection, Task>?> accept,
        Action<WebSocketEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(accept);
        var options = new WebSocketEndpointOptions();
        configure?.Invoke(options);
        string[] origins = [.. options.AllowedOrigins];
        string[] subprotocols = [.. options.Subprotocols];
        if (WebSocketHandshake.FindSubprotocolFlaw(subprotocols, options.RequireSubprotocol) is { } flaw)
            throw new ArgumentException($"The options of {pattern}: {flaw}.", nameof(configure));
        Action<WebSocketConnection, Exception?> handled = WebSocketUpgrade.LogTo(
            endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Tideway.WebSocket"));

        // Over HTTP/2 a handshake is a CONNECT.
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Connect], (RequestDelegate)ServeAsync);

        Task ServeAsync(HttpContext context)
        {
            if (WebSocketHandshake.Check(context.Request, origins) is { } refusal)
                return refusal.WriteAsync(context.Response);
            if (accept(context) is not { } handler)
            {
                if (context.Response.StatusCode == StatusCodes.Status200OK)
                    context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            }

            if (WebSocketHandshake.AgreeOnSubprotocol(
                context.Request, subprotocols, options.RequireSubprotocol, out string? subprotocol) is { } disagreement)
            {
                return disagreement.WriteAsync(context.Response);
            }

            return WebSocketUpgrade.ServeAsync(context, options.Connection, subprotocol, handler, handled);
        }
    }
}
