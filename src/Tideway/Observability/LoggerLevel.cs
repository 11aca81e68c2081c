using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Names the severities of log records as the static config spells them.</summary>
/// <remarks>The numbers are those of <see cref="LogLevel"/>, so that a cast converts in both directions.</remarks>
public enum LoggerLevel
{
    /// <summary>The finest detail; may carry payloads.</summary>
    Trace = LogLevel.Trace,

    /// <summary>What a developer needs while looking for a fault.</summary>
    Debug = LogLevel.Debug,

    /// <summary>The ordinary course of events.</summary>
    Info = LogLevel.Information,

    /// <summary>Something unusual that the service coped with.</summary>
    Warning = LogLevel.Warning,

    /// <summary>An operation failed.</summary>
    Error = LogLevel.Error,

    /// <summary>The service as a whole cannot go on.</summary>
    Critical = LogLevel.Critical,

    /// <summary>No record at all.</summary>
    None = LogLevel.None,
}
