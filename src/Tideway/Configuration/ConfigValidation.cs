namespace Tideway.Configuration;

/// <summary>Receives the problems that a config record finds in itself.</summary>
/// <remarks>Is used by one thread, during <see cref="IValidatableConfig.Validate"/>.</remarks>
public sealed class ConfigValidation
{
    private readonly ConfigMap _map;
    private readonly ICollection<ConfigProblem> _problems;

    internal ConfigValidation(ConfigMap map, ICollection<ConfigProblem> problems)
    {
        _map = map;
        _problems = problems;
    }

    /// <summary>Tells whether the file has the option, with whatever value, an empty one included.</summary>
    internal bool Has(string key) => _map.Find(key) is not null;

    /// <summary>Reports a problem at an option, or at the section when no keys are given.</summary>
    /// <param name="message">What is wrong, and what was expected: <c>field is missing, 'cert' needs it</c>.</param>
    /// <param name="keys">The keys that lead from this section to the option, as they are written in the file.</param>
    public void Report(string message, params ReadOnlySpan<string> keys)
    {
        ConfigLocation location = _map.Location;
        ConfigPath path = _map.KeyPath;
        ConfigMap? map = _map;
        IEnumerable<ConfigEntry> at = keys.IsEmpty ? map.Entries : [];
        foreach (string key in keys)
        {
            ConfigEntry? entry = map?.Find(key);
            location = entry?.Location ?? location;
            path = path.Key(key);
            map = entry?.Value as ConfigMap;
            at = entry is null ? [] : [entry];
        }

        // What is missed may have been left to a substitution that found nothing.
        string[] missed = [.. at.Select(entry => entry.MissingReason).OfType<string>()];
        string reasons = missed.Length > 0 ? $" ({string.Join("; ", missed)})" : "";
        _problems.Add(new ConfigProblem(location, path.ToString(), message + reasons));
    }
}
