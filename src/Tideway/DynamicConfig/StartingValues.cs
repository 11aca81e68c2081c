using Microsoft.Extensions.Logging;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>The values that come with the service: the <c>defaults</c> of its static config, and its fallback
/// file.</summary>
/// <param name="values">The values by name.</param>
/// <param name="hasFallback">Whether there is a fallback file.</param>
internal sealed partial class StartingValues(IReadOnlyDictionary<string, ConfigNode> values, bool hasFallback)
{
    /// <summary>The values by name.</summary>
    public IReadOnlyDictionary<string, ConfigNode> Values => values;

    /// <summary>Whether there is a fallback file.</summary>
    public bool HasFallback => hasFallback;

    /// <summary>Reads the values.</summary>
    /// <exception cref="ConfigException">A file is no map of values.</exception>
    /// <exception cref="IOException">The file of the defaults cannot be read.</exception>
    public static StartingValues Read(DynamicConfigConfig config, string? fallbackPath, ILogger logger)
    {
        var values = config.Defaults.ToDictionary(pair => pair.Key, pair => ConfigJson.WithTypes(pair.Value));
        if (config.DefaultsPath is { Length: > 0 } path) values = ReadFile(path);
        if (fallbackPath is not { Length: > 0 }) return new StartingValues(values, false);
        if (!File.Exists(fallbackPath))
        {
            FallbackMissing(logger, fallbackPath);
            return new StartingValues(values, false);
        }

        foreach ((string name, ConfigNode value) in ReadFile(fallbackPath)) values[name] = value;
        return new StartingValues(values, true);
    }

    private static Dictionary<string, ConfigNode> ReadFile(string path)
    {
        var problems = new List<ConfigProblem>();
        ConfigMap? map = ConfigJson.ReadMap(ConfigFile.ReadText(path), path, problems);
        ConfigException.ThrowIfAny(problems);
        return new Dictionary<string, ConfigNode>(ValueFile.ToValues(map!));
    }

    [LoggerMessage(413, LogLevel.Information, "Dynamic config: there is no fallback file '{Path}'")]
    private static partial void FallbackMissing(ILogger logger, string path);
}
