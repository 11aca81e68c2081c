using System.ComponentModel;

namespace Tideway.Server;

/// <summary>Describes the TLS of a listener.</summary>
public sealed record TlsConfig
{
    /// <summary>The path of the certificate, in PEM, with its chain behind it.</summary>
    /// <remarks>Defaults to null: no TLS.</remarks>
    [Description("The path of the certificate in PEM, its chain behind it.")]
    public string? Cert { get; init; }

    /// <summary>The path of the certificate's private key, in PEM.</summary>
    /// <remarks>Defaults to null: no TLS.</remarks>
    [Description("The path of the private key in PEM.")]
    public string? PrivateKey { get; init; }
}
