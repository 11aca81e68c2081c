using Tideway.DynamicConfig;

namespace Tideway.Observability;

/// <summary>The variables of the dynamic config that steer what is logged.</summary>
public static class LogVariables
{
    /// <summary>The levels of loggers, in place of those of the static config.</summary>
    public static readonly DynamicConfigKey<IReadOnlyDictionary<string, LoggerLevel>> Levels = new(
        "TIDEWAY_LOG_LEVELS",
        new Dictionary<string, LoggerLevel>(),
        "The levels of loggers, by name, in place of those of the static config: `{\"default\": \"debug\"}`.");

    /// <summary>Categories that log more or less than their logger's level says.</summary>
    public static readonly DynamicConfigKey<DynamicDebugConfig> DynamicDebug = new(
        "USERVER_LOG_DYNAMIC_DEBUG",
        new DynamicDebugConfig(),
        "Which categories (the `module` of records) log more or less than the level of the logger `default` says. A "
        + "category stands for all that begin with it; of several the longest counts.");
}
