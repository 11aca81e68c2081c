namespace Tideway.WebSockets.Connections;

/// <summary>The limits of a connection. Set them before the connection is made; one instance may serve many.</summary>
public sealed class WebSocketConnectionOptions
{
    /// <summary>The largest message taken from the peer, in bytes, all its fragments together.</summary>
    /// <remarks>Defaults to 65536. A larger one closes the connection with 1009 before memory is taken for it.</remarks>
    public int MaxRemotePayload { get; init; } = 65536;

    /// <summary>The largest payload of a frame sent, in bytes; a larger message is sent in fragments.</summary>
    /// <remarks>Defaults to 65536. 0 sends every message as one frame.</remarks>
    public int FragmentSize { get; init; } = 65536;

    /// <summary>How many bytes may wait for a peer that reads slowly, before sends wait too.</summary>
    /// <remarks>Defaults to 262144.</remarks>
    public int SendBacklogLimit { get; init; } = 262144;

    /// <summary>How long the peer may take to answer a close frame before the connection is cut.</summary>
    /// <remarks>Defaults to 5 seconds.</remarks>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of the time-outs.</summary>
    /// <remarks>Defaults to <see cref="TimeProvider.System"/>.</remarks>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
