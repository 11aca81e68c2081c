using System.ComponentModel;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>Describes <c>handler-server-monitor</c>: where and how metrics are told.</summary>
public sealed record ServerMonitorConfig : HandlerConfig
{
    /// <summary>Makes a config that is served on the monitor listener.</summary>
    public ServerMonitorConfig() => MonitorHandler = true;

    /// <summary>The format of a request that names none.</summary>
    /// <remarks>Defaults to null: such a request gets 400.</remarks>
    [Description("The format of a request that names none; without it such a request gets 400.")]
    public MetricFormat? Format { get; init; }

    /// <summary>Labels that all metrics have.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("Labels that all metrics have.")]
    public IReadOnlyDictionary<string, string> CommonLabels { get; init; } = new Dictionary<string, string>();
}
