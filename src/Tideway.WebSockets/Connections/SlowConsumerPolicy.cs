namespace Tideway.WebSockets.Connections;

/// <summary>Says what a send does when as much waits for the peer as
/// <see cref="WebSocketConnectionOptions.SendBacklogLimit"/>
/// allows.</summary>
public enum SlowConsumerPolicy
{
    /// <summary>It waits until there is room. The default.</summary>
    Wait,

    /// <summary>The message is dropped and counted, and the send completes at once.</summary>
    Drop,

    /// <summary>The connection is closed with 1008, and cut if the peer does not take even that.</summary>
    Close,
}
