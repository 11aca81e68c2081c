using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Names a version of TLS.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2.</summary>
    [ConfigKey("1.2")]
    Tls12,

    /// <summary>TLS 1.3.</summary>
    [ConfigKey("1.3")]
    Tls13,
}
