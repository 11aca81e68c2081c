using System.Net;

namespace Tideway.WebSockets.Connections;

/// <summary>Says which connection this is: for logs, and for handlers that ask who is there. Immutable.</summary>
/// <param name="Id">A name that is unique in the process.</param>
/// <param name="LocalEndPoint">The address of this end; null where the transport has none.</param>
/// <param name="RemoteEndPoint">The address of the peer; null where the transport has none.</param>
/// <param name="Subprotocol">The subprotocol that the handshake agreed on (RFC 6455 §1.9); null when none.</param>
public sealed record ConnectionIdentity(
    string Id, EndPoint? LocalEndPoint = null, EndPoint? RemoteEndPoint = null, string? Subprotocol = null);
