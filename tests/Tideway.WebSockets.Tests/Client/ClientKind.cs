namespace Tideway.WebSockets.Tests.Client;

/// <summary>What the client under test runs over.</summary>
public enum ClientKind
{
    /// <summary>A socket on an event loop.</summary>
    Loop,

    /// <summary>A stream, as on systems without event loops.</summary>
    Stream,

    /// <summary>TLS.</summary>
    Tls,
}
