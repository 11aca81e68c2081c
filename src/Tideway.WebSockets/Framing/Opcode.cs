namespace Tideway.WebSockets.Framing;

/// <summary>Says what a frame carries (RFC 6455 §5.2). The values not named here are reserved.</summary>
public enum Opcode : byte
{
    /// <summary>Continues the message that an earlier frame began.</summary>
    Continuation = 0x0,

    /// <summary>Begins a text message, whose payload is UTF-8.</summary>
    Text = 0x1,

    /// <summary>Begins a binary message.</summary>
    Binary = 0x2,

    /// <summary>Begins or answers the closing handshake.</summary>
    Close = 0x8,

    /// <summary>Asks the peer for a pong with the same payload.</summary>
    Ping = 0x9,

    /// <summary>Answers a ping, or reports liveness unasked.</summary>
    Pong = 0xA,
}
