namespace Tideway.Components;

/// <summary>Where the argument for a constructor's parameter comes from.</summary>
internal enum ComponentParameterKind
{
    /// <summary>The component's config.</summary>
    Config,

    /// <summary>The component's context.</summary>
    Context,

    /// <summary>The clock of the process.</summary>
    TimeProvider,

    /// <summary>A logger whose category is the component's name.</summary>
    Logger,

    /// <summary>A logger whose category is a type.</summary>
    LoggerOfType,

    /// <summary>One component.</summary>
    Component,

    /// <summary>All components of a type.</summary>
    AllComponents,
}
