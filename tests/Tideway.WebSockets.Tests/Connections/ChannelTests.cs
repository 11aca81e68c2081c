using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Tests that hold for a connection whatever carries it: each class of them runs over every channel.</summary>
public abstract class ChannelTests(TestedChannel channel, WebSocketRole role = WebSocketRole.Server)
{
    private protected Task<RawPeer> ConnectAsync(WebSocketConnectionOptions? options = null) =>
        ConnectAsync(role, options);

    private protected Task<RawPeer> ConnectAsync(
        WebSocketRole role, WebSocketConnectionOptions? options = null, CompressionAgreement? compression = null) =>
        channel == TestedChannel.Loop
            ? RawPeer.ConnectToLoopAsync(role, options, compression)
            : RawPeer.ConnectToStreamAsync(role, options, compression);
}
