using System.ComponentModel;

namespace Tideway.Components;

/// <summary>Holds the options of a component: an immutable record bound to its section of the static config.</summary>
/// <remarks>A derived record gives every option a default, so that a component needs no section at all.</remarks>
public abstract record ComponentConfig
{
    /// <summary>Whether the component is loaded; one that is not is treated as absent from the list.</summary>
    /// <remarks>Defaults to <see langword="true"/>.</remarks>
    [Description("Whether the component is loaded; one that is not is treated as absent.")]
    public bool LoadEnabled { get; init; } = true;
}
