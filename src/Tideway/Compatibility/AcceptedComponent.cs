using Tideway.Components;

namespace Tideway.Compatibility;

/// <summary>Stands for a component of a userver service that has no counterpart here,
/// so that its section is accepted.</summary>
/// <remarks>It does nothing. <c>docs/reference/static-config.md</c> lists the names and says why.</remarks>
public sealed class AcceptedComponent : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "os-signal-processor";
}
