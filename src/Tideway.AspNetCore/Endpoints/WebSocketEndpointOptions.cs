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

    /// <summary>The subprotocols that the handler speaks, the preferred one first.</summary>
    public IList<string> Subprotocols { get; } = [];
}
