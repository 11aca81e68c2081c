using System.Net;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Connections;

/// <summary>How a client connects. Set them before the first connect; one instance may serve many.</summary>
public sealed class WebSocketClientOptions
{
    /// <summary>The loops on which the connections live. One made on one of them stays on that one.</summary>
    /// <remarks>Defaults to null: the loop on which the connect is called, else a group that the process
    /// shares.</remarks>
    public EventLoopGroup? Loops { get; init; }

    /// <summary>Headers of the handshake besides its own, such as <c>Authorization</c> or <c>Origin</c>.</summary>
    public IDictionary<string, string> Headers { get; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The subprotocols to offer, the preferred one first.</summary>
    public IList<string> Subprotocols { get; } = [];

    /// <summary>The limits of the connection.</summary>
    public WebSocketConnectionOptions Connection { get; init; } = new();

    /// <summary>How long the name lookup, the connect and the handshake may take together.</summary>
    /// <remarks>Defaults to 10 seconds.</remarks>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address to connect from, with port 0 for any.</summary>
    /// <remarks>Defaults to null, the system's choice.</remarks>
    public EndPoint? LocalEndPoint { get; init; }

    /// <summary>Where to connect to in place of the host and the port of the URI: an IP end point or a unix
    /// socket.</summary>
    /// <remarks>Defaults to null.</remarks>
    public EndPoint? RemoteEndPoint { get; init; }
}
