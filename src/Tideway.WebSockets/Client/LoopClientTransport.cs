using System.Net;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>Connects on an event loop. All of it is for the loop's thread.</summary>
internal sealed class LoopClientTransport(WebSocketClientOptions options, EventLoop loop) : ClientTransport
{
    private LoopSocket? _socket;

    /// <inheritdoc/>
    public override TimeProvider Clock => loop.Group.TimeProvider;

    /// <inheritdoc/>
    public override async Task ConnectAsync(EndPoint remote, TimeSpan timeout, CancellationToken cancellationToken) =>
        _socket = await LoopConnector.ConnectAsync(loop, remote, options.LocalEndPoint, timeout, cancellationToken);

    /// <inheritdoc/>
    public override Task ExchangeAsync(
        byte[] request, HandshakeAnswer answer, TimeSpan timeout, CancellationToken cancellationToken) =>
        new HandshakeExchange(_socket!, request, answer).RunAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public override WebSocketConnection Open(
        string? subprotocol, CompressionAgreement? compression, ReadOnlySpan<byte> received)
    {
        LoopSocket socket = _socket!;
        _socket = null;
        return WebSocketConnection.Create(
            socket, WebSocketRole.Client, options.Connection, subprotocol, received, compression);
    }

    /// <inheritdoc/>
    public override void Dispose() => _socket?.Close();
}
