namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What carries the bytes of the connection under test.</summary>
public enum TestedChannel
{
    /// <summary>A stream.</summary>
    Stream,

    /// <summary>A socket on an event loop.</summary>
    Loop,
}
