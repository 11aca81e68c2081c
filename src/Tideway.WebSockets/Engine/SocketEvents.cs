namespace Tideway.WebSockets.Engine;

/// <summary>Says what is wanted of a socket, or what has happened to it; the values are those of epoll.</summary>
[Flags]
public enum SocketEvents
{
    /// <summary>Nothing. Failures are reported all the same.</summary>
    None = 0,

    /// <summary>There is something to receive, be it the end.</summary>
    Readable = 0x1,

    /// <summary>There is room to send.</summary>
    Writable = 0x4,

    /// <summary>The socket has failed.</summary>
    Failed = 0x8,

    /// <summary>Both directions have ended.</summary>
    HungUp = 0x10,

    /// <summary>Only wanted: each change is told once, not for as long as it lasts.</summary>
    Once = 1 << 31,
}
