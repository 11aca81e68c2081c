using System.Net;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>What carries an attempt to connect, from the socket to the open connection. One object for one
/// attempt.</summary>
/// <remarks>A dispose closes what did not become a connection.</remarks>
internal abstract class ClientTransport : IDisposable
{
    /// <summary>The clock of the time-outs.</summary>
    public abstract TimeProvider Clock { get; }

    /// <summary>Connects to an address.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It was not possible. The message says where to, and why
    /// not.</exception>
    public abstract Task ConnectAsync(EndPoint remote, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Does TLS, if the address asks for it, sends the request, and receives the answer.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">TLS failed.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="TimeoutException">It took too long. The message says what did not come.</exception>
    public abstract Task ExchangeAsync(
        byte[] request, HandshakeAnswer answer, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Makes the connection, which owns the transport from now on.</summary>
    /// <param name="subprotocol">The subprotocol that was agreed on; null for none.</param>
    /// <param name="compression">The compression that was agreed on; null for none.</param>
    /// <param name="received">What was received behind the answer. It is copied.</param>
    public abstract WebSocketConnection Open(
        string? subprotocol, CompressionAgreement? compression, ReadOnlySpan<byte> received);

    /// <inheritdoc/>
    public abstract void Dispose();
}
