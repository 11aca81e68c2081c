using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>Takes the socket of an upgraded request away from the web server: a feature of the connection.</summary>
public interface ISocketDetachFeature
{
    /// <summary>Tells whether the web server talks to the socket directly: without TLS, or anything else
    /// between.</summary>
    public bool CanDetach { get; }

    /// <summary>Detaches the socket, after the 101 was written. The request is to end right after.</summary>
    /// <param name="target">The loop to which the socket moves; null to stay on its own.</param>
    /// <param name="arrived">Is called on that loop, with the socket and what was received behind the
    /// handshake.</param>
    /// <returns>True once the socket is on its way; false when the connection was lost before.</returns>
    public Task<bool> DetachAsync(EventLoop? target, Action<LoopSocket, ReadOnlyMemory<byte>> arrived);
}
