namespace Tideway.WebSockets.Connections;

/// <summary>How far the life of a <see cref="WebSocketConnection"/> is; it only goes on, never back.</summary>
internal enum ConnectionState
{
    /// <summary>Messages go both ways.</summary>
    Open,

    /// <summary>A close frame was sent or received.</summary>
    Closing,

    /// <summary>Nothing goes any way.</summary>
    Closed,

    /// <summary>The transport is let go, too.</summary>
    Completed,
}
