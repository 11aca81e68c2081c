namespace Tideway.WebSockets.Framing;

/// <summary>Says which end of a connection this is; only clients mask what they send (RFC 6455 §5.1).</summary>
public enum WebSocketRole
{
    /// <summary>The end that accepted the handshake.</summary>
    Server,

    /// <summary>The end that opened the handshake.</summary>
    Client,
}
