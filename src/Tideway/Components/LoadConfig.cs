using System.ComponentModel;

namespace Tideway.Components;

/// <summary>Describes the options that every component has, beside those of its own record.</summary>
internal sealed record LoadConfig
{
    /// <summary>Returns whether the component is created.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Creates the component; false is as if it were not in the service.")]
    public bool LoadEnabled { get; init; } = true;
}
