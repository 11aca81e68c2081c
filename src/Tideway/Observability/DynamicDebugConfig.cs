using System.ComponentModel;

namespace Tideway.Observability;

/// <summary>Describes which categories log more or less than their logger's level says.</summary>
/// <remarks>A category is the <c>module</c> of records; one stands for all that begin with it. Of several that fit, the
/// longest counts.</remarks>
public sealed record DynamicDebugConfig
{
    /// <summary>Categories of which everything is logged.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("Categories of which everything is logged.")]
    public IReadOnlyList<string> ForceEnabled { get; init; } = [];

    /// <summary>Categories of which only warnings and what is worse is logged.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("Categories of which only warnings and what is worse is logged.")]
    public IReadOnlyList<string> ForceDisabled { get; init; } = [];

    /// <summary>The level from which a category is logged.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("The level from which a category is logged.")]
    public IReadOnlyDictionary<string, LoggerLevel> ForceEnabledLevel { get; init; } =
        new Dictionary<string, LoggerLevel>();

    /// <summary>The level up to which a category is not logged.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("The level up to which a category is not logged.")]
    public IReadOnlyDictionary<string, LoggerLevel> ForceDisabledLevel { get; init; } =
        new Dictionary<string, LoggerLevel>();
}
