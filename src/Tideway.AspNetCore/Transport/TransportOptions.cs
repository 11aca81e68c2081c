using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>The options of the event loop transport. Set them before the server starts.</summary>
public sealed class TransportOptions
{
    /// <summary>The loops that the connections run on. They are not disposed with the server.</summary>
    /// <remarks>Defaults to null: a group of the server's own, of <see cref="LoopCount"/> loops.</remarks>
    public EventLoopGroup? Loops { get; set; }

    /// <summary>How many loops the server makes when <see cref="Loops"/> is null; each has a thread of its
    /// own.</summary>
    /// <remarks>Defaults to the number of processors.</remarks>
    public int LoopCount { get; set; } = Environment.ProcessorCount;

    /// <summary>How many connections may wait to be accepted, for each address.</summary>
    /// <remarks>Defaults to 1024.</remarks>
    public int Backlog { get; set; } = 1024;

    /// <summary>How many connections may be open at once for each address, upgraded ones included; more are closed as
    /// they come.</summary>
    /// <remarks>Defaults to 32768.</remarks>
    public int MaxConnections { get; set; } = 32768;

    /// <summary>How long a new connection may take to send its first byte.</summary>
    /// <remarks>Defaults to 30 seconds. Zero waits for ever, which lets silent peers hold connections. The rest of the
    /// request has the limits of the web server.</remarks>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of a connection are read ahead of the web server.</summary>
    /// <remarks>Defaults to 64 KiB.</remarks>
    public int MaxReadBufferSize { get; set; } = 64 * 1024;

    /// <summary>How many bytes of answers may wait for a slow client before the web server waits.</summary>
    /// <remarks>Defaults to 64 KiB.</remarks>
    public int MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>Whether HTTP requests run on the loop's thread instead of the thread pool.</summary>
    /// <remarks>Defaults to false. It is cheaper for tiny requests, and one that blocks stalls all connections of its
    /// loop. WebSocket handlers run on their loop either way.</remarks>
    public bool RunsRequestsOnLoops { get; set; }
}
