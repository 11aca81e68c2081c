using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Transport;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.AspNetCore.Upgrade;

/// <summary>Turns a checked request into a WebSocket connection and runs its handler.</summary>
public static partial class WebSocketUpgrade
{
    private const int Cancel = 8; // RFC 9113 §7

    /// <summary>Answers 101, or 200 over HTTP/2, and runs the handler until its connection is closed.</summary>
    /// <remarks>
    /// On the event loop transport the socket is detached from the web server first: the request is over then, and the
    /// connection lives on its loop. Elsewhere (TLS, HTTP/2, other transports) it runs over the stream of the request.
    /// When the host stops, the connection is closed with 1001.
    /// </remarks>
    /// <param name="context">A request that <see cref="WebSocketHandshake.Check"/> has passed.</param>
    /// <param name="options">The limits of the connection.</param>
    /// <param name="subprotocol">The subprotocol to answer; null for none.</param>
    /// <param name="handler">The handler, run on the connection's own context.</param>
    /// <param name="handled">Is called when the handler has ended, with what it threw or null;
    /// <see cref="LogTo"/> makes one.</param>
    /// <param name="loops">The loops that the connection moves to; null to stay on that of the listener.</param>
    /// <returns>Completes when the request is over.</returns>
    public static Task ServeAsync(
        HttpContext context,
        WebSocketConnectionOptions options,
        string? subprotocol,
        Func<WebSocketConnection, Task> handler,
        Action<WebSocketConnection, Exception?> handled,
        EventLoopGroup? loops = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        long began = options.TimeProvider.GetTimestamp();
        IHeaderDictionary headers = context.Response.Headers;
        bool isStream = WebSocketHandshake.IsExtendedConnect(context.Request);
        if (!isStream)
        {
            headers.Connection = "Upgrade";
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = HandshakeKey.ComputeAccept(context.Request.Headers.SecWebSocketKey!);
        }

        if (subprotocol is not null) headers.SecWebSocketProtocol = subprotocol;
        CompressionAgreement? compression =
            options.Compression.Accept(context.Request.Headers.SecWebSocketExtensions, out string? extensions);
        if (extensions is not null) headers.SecWebSocketExtensions = extensions;
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();

        // The socket of an HTTP/2 connection has other streams, too.
        return !isStream && context.Features.Get<ISocketDetachFeature>() is { CanDetach: true } detach
            ? ServeDetachedAsync(context, detach, loops?.PickLoop())
            : ServeOverStreamAsync(context, options, subprotocol, compression, began, handler, handled);

        async Task ServeDetachedAsync(HttpContext context, ISocketDetachFeature detach, EventLoop? loop)
        {
            await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await detach.DetachAsync(loop, (socket, received) => WebSocketConnection
                .Create(socket, WebSocketRole.Server, options, subprotocol, received.Span, compression, began)
                .Start(handler, handled));
        }
    }

    /// <summary>Says which id the WebSocket of a request has over the stream: that of the HTTP connection, and of the
    /// stream in it over HTTP/2.</summary>
    public static string IdOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        string id = context.Connection.Id;
        return context.Features.Get<IHttp2StreamIdFeature>() is { } stream
            ? string.Create(CultureInfo.InvariantCulture, $"{id}:{stream.StreamId}")
            : id;
    }

    /// <summary>Makes what reports handlers that failed. One serves any number of connections.</summary>
    public static Action<WebSocketConnection, Exception?> LogTo(ILogger logger) => (connection, exception) =>
    {
        if (exception is not null) HandlerFailed(logger, connection.Id, connection.RemoteEndPoint, exception);
    };

    private static async Task ServeOverStreamAsync(
        HttpContext context,
        WebSocketConnectionOptions options,
        string? subprotocol,
        CompressionAgreement? compression,
        long began,
        Func<WebSocketConnection, Task> handler,
        Action<WebSocketConnection, Exception?> handled)
    {
        // A slow client is the connection's own affair from now on.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;

        // Whatever can fail is asked for before there is a connection, so that none is ever left without its request.
        var lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        CancellationToken stopping =
            context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        bool isStream = connect is { IsExtendedConnect: true };
        Stream stream = isStream
            ? await connect!.AcceptAsync()
            : await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        ConnectionInfo ends = context.Connection;
        var identity = new ConnectionIdentity(
            IdOf(context),
            ToEndPoint(ends.LocalIpAddress, ends.LocalPort),
            ToEndPoint(ends.RemoteIpAddress, ends.RemotePort),
            subprotocol);

        // RFC 8441 §5: what cuts a socket resets a stream with CANCEL. Its siblings live on.
        Action abort = isStream && context.Features.Get<IHttpResetFeature>() is { } reset
            ? () => reset.Reset(Cancel)
            : lifetime.Abort;
        WebSocketConnection connection = WebSocketConnection.Create(
            stream,
            WebSocketRole.Server,
            options,
            identity,
            abort,
            compression,
            began,
            isStream ? lifetime.RequestAborted : default);
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(
            static connection =>
                _ = ((WebSocketConnection)connection!).CloseAsync(CloseCode.GoingAway, "the server stops"),
            connection);
        connection.Start(handler, handled);
        await connection.Completion;
    }

    private static IPEndPoint? ToEndPoint(IPAddress? address, int port) =>
        address is null ? null : new IPEndPoint(address, port);

    [LoggerMessage(100, LogLevel.Error,
        "The handler of WebSocket connection {Connection} from {Remote} failed; it was closed with 1011.")]
    private static partial void HandlerFailed(ILogger logger, string connection, EndPoint? remote, Exception exception);
}
