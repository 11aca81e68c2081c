using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Describes the <c>dynamic-config</c> section: where the values of variables come from.</summary>
public sealed record DynamicConfigConfig : ComponentConfig, IValidatableConfig
{
    /// <summary>Whether an updater brings values while the service runs.</summary>
    /// <remarks>Defaults to false.</remarks>
    [Description("Lets dynamic-config-client-updater bring values while the service runs; it needs true. watch-path "
        + "does not need it.")]
    public bool UpdatesEnabled { get; init; }

    /// <summary>Values in place of the code's defaults.</summary>
    /// <remarks>Defaults to an empty map.</remarks>
    [Description("Values in place of the code's defaults, by variable.")]
    public IReadOnlyDictionary<string, ConfigNode> Defaults { get; init; } = new Dictionary<string, ConfigNode>();

    /// <summary>A file of such values, JSON or YAML.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [Description("A file of such values, JSON or YAML.")]
    public string? DefaultsPath { get; init; }

    /// <summary>Where the last good values are kept for the next start.</summary>
    /// <remarks>Defaults to an empty path: nowhere.</remarks>
    [Description("The file where the last good values are kept, for a start without those who bring them.")]
    public string FsCachePath { get; init; } = "";

    /// <summary>The task processor for files.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect("files are read on the thread pool"), Description("The task processor for files.")]
    public string? FsTaskProcessor { get; init; }

    /// <summary>A file whose values are taken again whenever it changes.</summary>
    /// <remarks>Defaults to null: none. Not together with <c>dynamic-config-client-updater</c>.</remarks>
    [Description("A file of values, JSON or YAML, taken again whenever it changes, such as a mounted ConfigMap; "
        + "for services without a config service.")]
    public string? WatchPath { get; init; }

    /// <summary>How often the watched file is read, should nothing tell that it has changed.</summary>
    /// <remarks>Defaults to 5 seconds.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    [Description("How often the watched file is read, should nothing tell that it has changed.")]
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (Defaults.Count > 0 && !string.IsNullOrEmpty(DefaultsPath))
            section.Report("there is 'defaults' already, expected only one of them", "defaults-path");
    }
}
