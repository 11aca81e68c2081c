using System.ComponentModel;

namespace Tideway.Observability;

/// <summary>Tells where a functional test listens for the records of the default logger.</summary>
public sealed record TestsuiteCaptureConfig
{
    /// <summary>The host name or address of the listener.</summary>
    [Description("Host name or address where the functional test listens.")]
    public required string Host { get; init; }

    /// <summary>The TCP port of the listener.</summary>
    [Description("TCP port where the functional test listens.")]
    public required int Port { get; init; }
}
