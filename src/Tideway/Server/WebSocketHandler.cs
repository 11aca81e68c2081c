using Microsoft.AspNetCore.Http;
using Tideway.AspNetCore.Upgrade;
using Tideway.Components;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Server;

/// <summary>The base of components that talk WebSocket.</summary>
/// <param name="config">The route and the limits.</param>
/// <param name="context">Who the handler is.</param>
public abstract class WebSocketHandler(WebSocketHandlerConfig config, ComponentContext context)
    : Handler(config, context)
{
    private readonly WebSocketConnectionOptions _options = config.ToOptions(context);
    private readonly Action<WebSocketConnection, Exception?> _log =
        WebSocketUpgrade.LogTo(context.LoggerFactory.CreateLogger(context.ComponentName));

    /// <summary>The connections of the handler.</summary>
    internal ConnectionTally Tally { get; } = new() { Limit = config.MaxConnections };

    /// <summary>A handshake is a GET over HTTP/1.1, and a CONNECT over HTTP/2 (RFC 8441).</summary>
    internal override IEnumerable<string> MethodsOfStreams =>
        config.Methods.Contains(HttpMethods.Get) ? [HttpMethods.Connect] : [];

    /// <summary>One delegate for all connections.</summary>
    private Action<WebSocketConnection, Exception?>? _handled;

    /// <summary>Talks with one peer, from the end of the handshake to the end of the connection.</summary>
    /// <remarks>
    /// Called once for each connection, on the connection's own context, to which every await comes back. When it
    /// returns the connection closes with 1000; when it throws, with 1011, and the exception is logged.
    /// </remarks>
    /// <param name="connection">The connection.</param>
    /// <param name="request">What is left of the handshake.</param>
    protected abstract Task HandleAsync(WebSocketConnection connection, RequestContext request);

    /// <summary>Looks at a valid handshake before it is accepted, and may refuse it.</summary>
    /// <param name="http">The request and its answer. To refuse, set a status and headers as you like.</param>
    /// <param name="request">What the handler will get;
    /// put what it needs into <see cref="RequestContext.State"/>.</param>
    /// <returns>False to refuse; with 403, if no other status was set. Defaults to true.</returns>
    protected virtual ValueTask<bool> OnHandshakeAsync(HttpContext http, RequestContext request) => new(true);

    /// <summary>Answers a request on the route that does not ask for a WebSocket. Defaults to 400.</summary>
    /// <param name="http">The request and its answer.</param>
    protected virtual Task OnPlainRequestAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return new HandshakeRefusal(StatusCodes.Status400BadRequest, "This address speaks WebSocket only.")
            .WriteAsync(http.Response);
    }

    internal sealed override async Task ServeAsync(HttpContext http)
    {
        if (!WebSocketHandshake.IsWebSocketRequest(http.Request))
        {
            await OnPlainRequestAsync(http);
            return;
        }

        if (!Tally.HasRoom())
        {
            var full = new HandshakeRefusal(StatusCodes.Status503ServiceUnavailable, "Too many connections.");
            await full.WriteAsync(http.Response);
            return;
        }

        string? subprotocol = null;
        HandshakeRefusal? refusal = WebSocketHandshake.Check(http.Request, config.AllowedOrigins)
            ?? WebSocketHandshake.AgreeOnSubprotocol(
                http.Request, config.Subprotocols, config.RequireSubprotocol, out subprotocol);
        if (refusal is not null)
        {
            await refusal.WriteAsync(http.Response);
            return;
        }

        var request = new RequestContext(http.Request);
        if (!await OnHandshakeAsync(http, request))
        {
            if (http.Response.StatusCode == StatusCodes.Status200OK)
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        await WebSocketUpgrade.ServeAsync(
            http, _options, subprotocol, connection => Handle(connection, request), _handled ??= OnHandled, Loops);
    }

    internal sealed override void Limit(HandlerLimitsConfig limits)
    {
        base.Limit(limits);
        WebSocketHandlerConfig limited = config.With(limits);
        Tally.Limit = limited.MaxConnections;
        _options.Replace(limited.ToOptions(Context), Tally.Open);
    }

    // Not async: an idle connection holds no more than the handler itself.
    private Task Handle(WebSocketConnection connection, RequestContext request)
    {
        return Tally.TryAdd(connection)
            ? HandleAsync(connection, request)
            : connection.CloseAsync(CloseCode.TryAgainLater, "too many connections");
    }

    private void OnHandled(WebSocketConnection connection, Exception? exception)
    {
        // The closing handshake is still to come, and may outlive the request.
        connection.Completion.ContinueWith(_ => Tally.Remove(connection), TaskScheduler.Default);
        if (exception is not null) Tally.Fail();
        _log(connection, exception);
    }
}
