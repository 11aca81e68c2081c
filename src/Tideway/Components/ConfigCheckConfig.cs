using System.ComponentModel;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes how the sections of components are checked before the start.</summary>
public sealed record ConfigCheckConfig
{
    /// <summary>Whether the sections of all components are checked.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("validate_all_components")]
    [NoEffect("the sections of all components are always checked")]
    [Description("Checks the sections of all components.")]
    public bool ValidateAllComponents { get; init; } = true;
}
