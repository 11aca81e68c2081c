using System.ComponentModel;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes the root of a static config file.</summary>
public sealed record RootConfig
{
    /// <summary>The settings of the process and of its components.</summary>
    [ConfigKey("components_manager")]
    [Description("The threads and the components of the service.")]
    public required ManagerConfig ComponentsManager { get; init; }

    /// <summary>The file of variables.</summary>
    /// <remarks>Defaults to null: variables come from the command line, the environment and files only.</remarks>
    [ConfigKey("config_vars")]
    [Description("The file of variables for $name, relative to the working directory.")]
    public string? ConfigVars { get; init; }

    /// <summary>The names of experiments.</summary>
    /// <remarks>Defaults to an empty list.</remarks>
    [ConfigKey("userver_experiments")]
    [Description("Names of experiments to enable.")]
    [NoEffect("there are no experiments")]
    public IReadOnlyList<string> Experiments { get; init; } = [];

    /// <summary>Whether all experiments are enabled.</summary>
    /// <remarks>Defaults to false.</remarks>
    [ConfigKey("userver_experiments_force_enabled")]
    [Description("Enables all experiments.")]
    [NoEffect("there are no experiments")]
    public bool ForceExperiments { get; init; }
}
