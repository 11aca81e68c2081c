using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.AspNetCore.Upgrade;

/// <summary>Turns a checked HTTP/1.1 request into a WebSocket connection and runs its handler.</summary>
public static partial class WebSocketUpgrade
{
    /// <summary>Answers 101 and runs the handler until its connection is closed.</summary>
    /// <remarks>When the host stops, the connection is closed with 1001. What the handler throws is logged.</remarks>
    /// <param name="context">A request that <see cref="WebSocketHandshake.Check"/> has passed.</param>
    /// <param name="options">The limits of the connection.</param>
    /// <param name="subprotocol">The subprotocol to answer; null for none.</param>
    /// <param name="handler">The handler, run on the connection's own context.</param>
    /// <param name="logger">Where a failing handler is reported.</param>
    public static async Task ServeAsync(
        HttpContext context,
        WebSocketConnectionOptions options,
        string? subprotocol,
        Func<WebSocketConnection, Task> handler,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(context);
        IHeaderDictionary headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = HandshakeKey.ComputeAccept(context.Request.Headers.SecWebSocketKey!);
        if (subprotocol is not null) headers.SecWebSocketProtocol = subprotocol;
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();

        // Whatever can fail is asked for before there is a connection, so that none is ever left without its request.
        var lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        CancellationToken stopping =
            context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        ConnectionInfo ends = context.Connection;
        var identity = new ConnectionIdentity(
            ends.Id,
            ToEndPoint(ends.LocalIpAddress, ends.LocalPort),
            ToEndPoint(ends.RemoteIpAddress, ends.RemotePort),
            subprotocol);
        WebSocketConnection connection =
            WebSocketConnection.Create(stream, WebSocketRole.Server, options, identity, lifetime.Abort);
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(
            static connection =>
                _ = ((WebSocketConnection)connection!).CloseAsync(CloseCode.GoingAway, "the server stops"),
            connection);
        try
        {
            await connection.RunAsync(handler);
        }
        catch (Exception exception)
        {
            HandlerFailed(logger, connection.Id, connection.RemoteEndPoint, exception);
        }
    }

    private static IPEndPoint? ToEndPoint(IPAddress? address, int port) =>
        address is null ? null : new IPEndPoint(address, port);

    [LoggerMessage(100, LogLevel.Error,
        "The handler of WebSocket connection {Connection} from {Remote} failed; it was closed with 1011.")]
    private static partial void HandlerFailed(ILogger logger, string connection, EndPoint? remote, Exception exception);
}
