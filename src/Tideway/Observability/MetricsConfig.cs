using System.ComponentModel;
using Tideway.Components;

namespace Tideway.Observability;

/// <summary>Describes the <c>statistics-storage</c> section: whose metrics are collected.</summary>
public sealed record MetricsConfig : ComponentConfig
{
    /// <summary>The meters of the platform that are collected beside those of the service.</summary>
    /// <remarks>Defaults to an empty list.</remarks>
    [Description("Meters of .NET and ASP.NET Core to collect beside those of the service, by name; one that ends in * "
        + "stands for all that begin so: System.Runtime, Microsoft.AspNetCore.*")]
    public IReadOnlyList<string> PlatformMeters { get; init; } = [];
}
