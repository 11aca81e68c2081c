using System.ComponentModel;
using Tideway.Server;

namespace ProbeService;

/// <summary>Describes the probe handler.</summary>
public sealed record ProbeConfig : HandlerConfig
{
    [Description("The service that it asks.")]
    public string UpstreamUrl { get; init; } = "";

    [Description("What it says.")]
    public string Greeting { get; init; } = "no greeting";
}
