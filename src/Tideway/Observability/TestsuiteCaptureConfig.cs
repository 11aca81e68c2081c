using System.ComponentModel;

namespace Tideway.Observability;

/// <summary>Tells where a functional test listens for the records of the default logger.</summary>
public sealed record TestsuiteCaptureConfig
{
    /// <summary>Gets the host name or address of the listener.</summary>
    [Description("host name or address where the functional test listens")]
    public required string Host { get; init; }

    /// <summary>Gets the TCP port of the listener.</summary>
    [Description("TCP port where the functional test listens")]
    public required int Port { get; init; }
}
