using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Describes the <c>dynamic-config-client-updater</c> section: when the config service is asked, and for
/// what.</summary>
public sealed record DynamicConfigClientUpdaterConfig : ComponentConfig, IValidatableConfig
{
    private const string NoDump = "the values are kept in fs-cache-path of dynamic-config";
    private const string KeptForEver = "values do not expire";

    /// <summary>The time between two updates.</summary>
    [Description("The time between two updates.")]
    public required TimeSpan UpdateInterval { get; init; }

    /// <summary>How much an interval is longer or shorter, at random.</summary>
    /// <remarks>Defaults to null: a tenth of the interval.</remarks>
    [Description("How much an interval is longer or shorter, at random; a tenth of it if this is left out.")]
    public TimeSpan? UpdateJitter { get; init; }

    /// <summary>The time between two full updates, where there are incremental ones, too.</summary>
    /// <remarks>Defaults to null: all updates are full.</remarks>
    [Description("The time between two full updates; those between are incremental.")]
    public TimeSpan? FullUpdateInterval { get; init; }

    /// <summary>How much the time between two full updates is longer or shorter, at random.</summary>
    /// <remarks>Defaults to null: a tenth of it.</remarks>
    [Description("How much that is longer or shorter, at random; a tenth of it if this is left out.")]
    public TimeSpan? FullUpdateJitter { get; init; }

    /// <summary>Which updates are made.</summary>
    /// <remarks>Defaults to null: <see cref="UpdateTypes.FullAndIncremental"/> with a
    /// <see cref="FullUpdateInterval"/>, else <see cref="UpdateTypes.OnlyFull"/>.</remarks>
    [Description("Which updates are made; full-and-incremental with a full-update-interval, else only-full.")]
    public UpdateTypes? UpdateTypes { get; init; }

    /// <summary>The time from a failed update to the next.</summary>
    /// <remarks>Defaults to null: <see cref="UpdateInterval"/>.</remarks>
    [Description("The time from a failed update to the next; update-interval if it is left out.")]
    public TimeSpan? ExceptionInterval { get; init; }

    /// <summary>Whether there are updates after the first.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Makes updates after the first.")]
    public bool UpdatesEnabled { get; init; } = true;

    /// <summary>Whether the values are taken.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Takes the values; otherwise they are only asked for.")]
    public bool StoreEnabled { get; init; } = true;

    /// <summary>Whether only values that the service knows are asked for.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Asks only for the variables that the service declares.")]
    public bool LoadOnlyMyValues { get; init; } = true;

    /// <summary>The component that takes the values.</summary>
    /// <remarks>Defaults to <c>dynamic-config</c>, the only one there is.</remarks>
    [Description("The component that takes the values: dynamic-config.")]
    public string UpdatesSink { get; init; } = DynamicConfigComponent.ComponentName;

    /// <summary>Whether the dynamic config steers this updater; false.</summary>
    /// <remarks>Must be given: an updater cannot depend on what it brings.</remarks>
    [Description("Must be given, and false: the updater cannot be steered by what it brings.")]
    public bool? ConfigSettings { get; init; }

    /// <summary>Whether the first update may fail; true.</summary>
    /// <remarks>Must be given: a service starts on the values of its cache or fallback.</remarks>
    [Description("Must be given, and true: on cached or fallback values a service starts without the config service.")]
    public bool? FirstUpdateFailOk { get; init; }

    /// <summary>Which updates tell nobody when they bring what there is.</summary>
    /// <remarks>Defaults to <see cref="DeduplicatedTypes.FullAndIncremental"/>.</remarks>
    [NoEffect("an update that changes no value is never told")]
    [Description("Updates that are not told when nothing changed.")]
    public DeduplicatedTypes DeduplicateUpdateTypes { get; init; } = DeduplicatedTypes.FullAndIncremental;

    /// <summary>The time between two clean-ups.</summary>
    /// <remarks>Defaults to 10 seconds.</remarks>
    [NoEffect("there is nothing to clean up"), Description("The time between two clean-ups.")]
    public TimeSpan AdditionalCleanupInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how many failures in a row an alert is raised.</summary>
    /// <remarks>Defaults to 0: never.</remarks>
    [Range(0, int.MaxValue)]
    [Description("After how many failures in a row an alert is raised, an error in the log and the metric "
        + "tideway.dynamic_config.alert; 0 for never.")]
    public int AlertOnFailingToUpdateTimes { get; init; }

    /// <summary>Whether updates go on in a functional test.</summary>
    /// <remarks>Defaults to null: as <c>testsuite-periodic-update-enabled</c> says.</remarks>
    [Description("Whether updates go on in a functional test; as testsuite-support says if it is left out.")]
    public bool? TestsuiteForcePeriodicUpdate { get; init; }

    /// <summary>After how many failures the values expire.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(KeptForEver), Description("After how many failures the values expire.")]
    public int? FailedUpdatesBeforeExpiration { get; init; }

    /// <summary>Whether the time of an update counts as part of the interval.</summary>
    /// <remarks>Defaults to false.</remarks>
    [NoEffect("the interval begins when an update has ended")]
    [Description("Counts the time of an update as part of the interval.")]
    public bool IsStrongPeriod { get; init; }

    /// <summary>Whether values are checked before they are taken.</summary>
    /// <remarks>Defaults to false.</remarks>
    [NoEffect("values are always checked"), Description("Checks values before they are taken.")]
    public bool HasPreAssignCheck { get; init; }

    /// <summary>Whether readers keep values that are replaced.</summary>
    /// <remarks>Defaults to true.</remarks>
    [NoEffect("the runtime keeps what is in use"), Description("Keeps replaced values while they are in use.")]
    public bool SafeDataLifetime { get; init; } = true;

    /// <summary>The task processor of the updates.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect("updates run on the thread pool"), Description("The task processor of the updates.")]
    public string? TaskProcessor { get; init; }

    /// <summary>Where the values are dumped.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDump), Description("Where the values are dumped.")]
    public ConfigNode? Dump { get; init; }

    /// <summary>Which updates are made, with the default resolved.</summary>
    internal UpdateTypes Types => UpdateTypes ?? (FullUpdateInterval is null
        ? DynamicConfig.UpdateTypes.OnlyFull
        : DynamicConfig.UpdateTypes.FullAndIncremental);

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (ConfigSettings != false)
            section.Report("expected false: the updater cannot be steered by what it brings", "config-settings");
        if (FirstUpdateFailOk != true)
            section.Report("expected true: cached or fallback values are enough to start", "first-update-fail-ok");
        if (UpdatesSink != DynamicConfigComponent.ComponentName)
            section.Report($"expected {DynamicConfigComponent.ComponentName}, found '{UpdatesSink}'", "updates-sink");
        if (UpdateInterval <= TimeSpan.Zero) section.Report("expected more than 0s", "update-interval");
        if (ExceptionInterval <= TimeSpan.Zero) section.Report("expected more than 0s", "exception-interval");
        bool isBoth = Types == DynamicConfig.UpdateTypes.FullAndIncremental;
        if (isBoth && FullUpdateInterval is null)
            section.Report("field is missing, full-and-incremental updates need it", "full-update-interval");
        if (!isBoth && FullUpdateInterval is not null)
            section.Report("only full-and-incremental updates have it", "full-update-interval");
    }
}
