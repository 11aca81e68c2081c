using System.Net;
using System.Net.Security;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Client;

/// <summary>How a client connects. Set them before the first connect; one instance may serve many.</summary>
public sealed class WebSocketClientOptions
{
    /// <summary>The loops on which the connections live. One made on one of them stays on that one.</summary>
    /// <remarks>Defaults to null: the loop on which the connect is called, else a group that the process
    /// shares. Connections with TLS live on the thread pool.</remarks>
    public EventLoopGroup? Loops { get; init; }

    /// <summary>Headers of the handshake besides its own, such as <c>Authorization</c> or <c>Origin</c>.</summary>
    public IDictionary<string, string> Headers { get; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The subprotocols to offer, the preferred one first.</summary>
    /// <remarks>A server that chooses none of them leaves <see cref="WebSocketConnection.Subprotocol"/> null.</remarks>
    public IList<string> Subprotocols { get; } = [];

    /// <summary>The limits of the connection.</summary>
    public WebSocketConnectionOptions Connection { get; init; } = new();

    /// <summary>How long the name lookup, the connect, TLS and the handshake may take together.</summary>
    /// <remarks>Defaults to 10 seconds.</remarks>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address to connect from, with port 0 for any.</summary>
    /// <remarks>Defaults to null, the system's choice.</remarks>
    public EndPoint? LocalEndPoint { get; init; }

    /// <summary>Where to connect to in place of the host and the port of the URI: an IP end point or a unix
    /// socket.</summary>
    /// <remarks>Defaults to null.</remarks>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>Changes how TLS is done with <c>wss</c>: whom to trust, who to be, what to name. Called for each
    /// connection.</summary>
    /// <remarks>Defaults to null. The server's certificate then has to be for the host of the URI, and signed by
    /// somebody whom the system trusts.</remarks>
    public Action<SslClientAuthenticationOptions>? ConfigureTls { get; init; }

    /// <summary>Does without event loops, as on systems that have none. For tests.</summary>
    internal bool WithoutLoops { get; init; }
}
