using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Reads files of variables and their values, JSON or YAML.</summary>
internal static class ValueFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why it cannot be used, in one line.</param>
    /// <returns>Its map; null when it cannot be used.</returns>
    public static ConfigMap? Read(string path, out string? reason)
    {
        try
        {
            var problems = new List<ConfigProblem>();
            ConfigMap? values = ConfigJson.ReadMap(ConfigFile.ReadText(path), path, problems);
            reason = values is null ? string.Join("; ", problems.Select(problem => problem.ToString())) : null;
            return values;
        }
        catch (Exception exception) when (ConfigFile.IsUnreadable(exception))
        {
            reason = ConfigFile.Reason(exception);
            return null;
        }
    }

    /// <summary>Makes values by name of a map.</summary>
    public static IReadOnlyDictionary<string, ConfigNode> ToValues(ConfigMap map) => map.Entries
        .Where(entry => entry.Value is not null)
        .ToDictionary(entry => entry.Key, entry => entry.Value!);
}
