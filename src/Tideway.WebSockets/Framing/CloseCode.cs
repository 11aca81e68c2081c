namespace Tideway.WebSockets.Framing;

/// <summary>Says why a connection is closed (RFC 6455 §7.4 and the IANA registry). 3000–4999 are free for
/// applications.</summary>
public enum CloseCode
{
    /// <summary>The purpose of the connection is fulfilled.</summary>
    NormalClosure = 1000,

    /// <summary>The endpoint goes away: a server stops, a browser leaves the page.</summary>
    GoingAway = 1001,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>The peer sent a kind of data that this endpoint does not take.</summary>
    UnsupportedData = 1003,

    /// <summary>The close frame had no code. Never on the wire.</summary>
    NoStatusReceived = 1005,

    /// <summary>The connection was lost without a close frame. Never on the wire.</summary>
    AbnormalClosure = 1006,

    /// <summary>The peer sent text that is not UTF-8, or data that contradicts its message's kind.</summary>
    InvalidPayload = 1007,

    /// <summary>The peer broke a rule of the application.</summary>
    PolicyViolation = 1008,

    /// <summary>The peer sent a message that is too big to process.</summary>
    MessageTooBig = 1009,

    /// <summary>The server did not negotiate an extension that the client needs.</summary>
    MandatoryExtension = 1010,

    /// <summary>The server met a condition that it did not expect.</summary>
    InternalError = 1011,

    /// <summary>The service restarts; the client may come back after a random wait.</summary>
    ServiceRestart = 1012,

    /// <summary>The service is overloaded; the client should try another address or later.</summary>
    TryAgainLater = 1013,

    /// <summary>A gateway got an invalid answer from its upstream.</summary>
    BadGateway = 1014,
}
