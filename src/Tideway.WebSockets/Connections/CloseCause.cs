namespace Tideway.WebSockets.Connections;

/// <summary>Says what ended a connection, where a code says too little: which limit, above all. Metrics count by
/// it.</summary>
public enum CloseCause
{
    /// <summary>An application, here or at the peer, had a reason of its own.</summary>
    Application,

    /// <summary>The peer broke the protocol.</summary>
    Protocol,

    /// <summary>The transport was lost: reset, or ended without a close frame.</summary>
    Lost,

    /// <summary>A message was larger than <see cref="WebSocketConnectionOptions.MaxRemotePayload"/>.</summary>
    MaxRemotePayload,

    /// <summary>A message took longer than <see cref="WebSocketConnectionOptions.MessageTimeout"/>.</summary>
    MessageTimeout,

    /// <summary>The peer sent too many frames that carry nothing: beyond
    /// <see cref="WebSocketConnectionOptions.MaxControlFramesPerSecond"/>, or empty fragments of one message.</summary>
    Flood,

    /// <summary>The peer read too slowly, and <see cref="SlowConsumerPolicy.Close"/> is the policy.</summary>
    SendBacklog,

    /// <summary>The peer did not answer a ping within
    /// <see cref="WebSocketConnectionOptions.PingTimeout"/>.</summary>
    PingTimeout,

    /// <summary>No message went either way for <see cref="WebSocketConnectionOptions.IdleTimeout"/>.</summary>
    IdleTimeout,

    /// <summary>The connection was as old as
    /// <see cref="WebSocketConnectionOptions.MaxConnectionAge"/>.</summary>
    MaxConnectionAge,
}
