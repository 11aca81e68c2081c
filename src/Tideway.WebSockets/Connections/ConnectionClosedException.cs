namespace Tideway.WebSockets.Connections;

/// <summary>Is thrown by operations on a connection that is closing, closed or lost.</summary>
/// <remarks>A handler may let it go: it ends the handler and is not an error of the service.</remarks>
public sealed class ConnectionClosedException : IOException
{
    internal ConnectionClosedException(CloseReason reason)
        : base($"The WebSocket connection is closed: {reason}.") => Reason = reason;

    /// <summary>Why the connection ended.</summary>
    public CloseReason Reason { get; }
}
