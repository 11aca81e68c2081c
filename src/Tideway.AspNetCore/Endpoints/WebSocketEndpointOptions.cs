using Tideway.WebSockets.Connections;

namespace Tideway.AspNetCore.Endpoints;

/// <summary>What a WebSocket endpoint accepts. Set it before the application starts.</summary>
public sealed class WebSocketEndpointOptions
{
    /// <summary>The limits of each connection.</summary>
    public WebSocketConnectionOptions Connection { get; set; } = new();

    /// <summary>The origins whose pages may connect, such as <c>https://example.org</c>; others get 403.</summary>
    /// <remarks>Defaults to none, which lets pages of any origin connect.</remarks>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>The subprotocols that the handler speaks, the preferred one first. The first that the client offers,
    /// too, is agreed on.</summary>
    public IList<string> Subprotocols { get; } = [];

    /// <summary>Whether a client that offers none of <see cref="Subprotocols"/> gets 400, and not a connection without
    /// one.</summary>
    /// <remarks>Defaults to false.</remarks>
    public bool RequireSubprotocol { get; set; }
}
