using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Says which HTTP a listener speaks.</summary>
public enum ListenerHttpVersion
{
    /// <summary>HTTP/1.1 only.</summary>
    [ConfigKey("1.1")]
    Http11,

    /// <summary>With TLS, HTTP/2 and HTTP/1.1, as each client chooses. Without, HTTP/2 only, from clients that know
    /// it.</summary>
    [ConfigKey("2")]
    Http2,
}
