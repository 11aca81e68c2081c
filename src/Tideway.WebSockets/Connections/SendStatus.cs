namespace Tideway.WebSockets.Connections;

/// <summary>Says what became of a message that <see cref="WebSocketConnection.TrySend"/> was given.</summary>
public enum SendStatus
{
    /// <summary>It was accepted, and nothing keeps it from leaving.</summary>
    Sent,

    /// <summary>It was accepted, and waits because the peer reads slowly.</summary>
    Queued,

    /// <summary>It was not accepted: too much waits for the peer already.</summary>
    Dropped,

    /// <summary>It was not accepted: the connection is closing or closed.</summary>
    Closed,
}
