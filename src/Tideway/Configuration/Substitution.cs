namespace Tideway.Configuration;

/// <summary>Replaces <c>$name</c>, <c>key#env</c>, <c>key#file</c> and <c>key#fallback</c> by values.</summary>
/// <remarks>What a substitution yields is final: a <c>$</c> in it is literal. Variables come before the environment,
/// then files, then the fallback; when all find nothing the key counts as missing.</remarks>
internal sealed class Substitution(
    ConfigMap variables, Func<string, string?> environment, ICollection<ConfigProblem> problems)
{
    private const string Env = "#env";
    private const string File = "#file";
    private const string Fallback = "#fallback";

    public ConfigMap Resolve(ConfigMap map)
    {
        IEnumerable<ConfigEntry> entries = map.Entries
            .Select(entry => (Key: LogicalKey(entry.Key), entry.Location))
            .DistinctBy(entry => entry.Key)
            .Select(entry => ResolveKey(map, entry.Key, entry.Location));
        return new ConfigMap(map.KeyPath, map.Location, [.. entries]);
    }

    private ConfigNode Resolve(ConfigNode node) => node switch
    {
        ConfigMap map => Resolve(map),
        ConfigList list => new ConfigList(list.KeyPath, list.Location, [.. list.Items.Select(ResolveItem)]),
        _ => node,
    };

    private ConfigEntry ResolveKey(ConfigMap map, string key, ConfigLocation location)
    {
        ConfigNode? written = map[key];
        string? variable = (written as ConfigScalar)?.VariableName;
        if (written is not null && variable is null)
            return new ConfigEntry(key, location, Resolve(written));

        ConfigPath path = map.KeyPath.Key(key);
        var misses = new List<string>();
        ConfigNode? value = (variable is null ? null : FindVariable(variable, path, misses))
            ?? FindBeside(map, key, path, misses, mayFallBack: variable is not null);
        return new ConfigEntry(key, location, value, value is null ? string.Join(" and ", misses) : null);
    }

    private ConfigNode ResolveItem(ConfigNode item)
    {
        if (item is not ConfigScalar { VariableName: { } variable })
            return Resolve(item);
        var misses = new List<string>();
        return FindVariable(variable, item.KeyPath, misses)
            ?? Unreadable(item.KeyPath, item.Location, string.Join(" and ", misses));
    }

    private ConfigNode? FindVariable(string name, ConfigPath path, List<string> misses)
    {
        if (variables[name] is { } value)
            return Place(value, path);
        misses.Add($"variable '{name}' is not defined");
        return FindBeside(variables, name, path, misses, mayFallBack: false);
    }

    // Looks at key#env, key#file and key#fallback, which stand beside the key in its map.
    private ConfigNode? FindBeside(ConfigMap map, string key, ConfigPath path, List<string> misses, bool mayFallBack)
    {
        ConfigNode? env = map[key + Env];
        ConfigNode? file = map[key + File];
        ConfigNode? value = (env is null ? null : FromEnvironment(env, path, misses))
            ?? (file is null ? null : FromFile(file, path, misses));
        if (value is not null || map[key + Fallback] is not { } fallback)
            return value;
        if (mayFallBack || env is not null || file is not null)
            return Place(fallback, path);
        misses.Add($"'{key}{Fallback}' needs '{key}{Env}' or '{key}{File}' beside it");
        return null;
    }

    private ConfigNode? FromEnvironment(ConfigNode name, ConfigPath path, List<string> misses)
    {
        if (name is not ConfigScalar { IsNull: false } scalar)
            return Unreadable(path, name.Location, $"found {name.Describe()}, expected the name of a variable");
        if (environment(scalar.Value) is not { } text)
        {
            misses.Add($"environment variable '{scalar.Value}' is not set");
            return null;
        }

        var inner = new List<ConfigProblem>();
        ConfigNode? value = YamlReader.Read(text, scalar.Value, path, inner);
        return value is not null && inner.Count == 0
            ? Place(value, path, name.Location)
            : Unreadable(path, name.Location, $"environment variable '{scalar.Value}' is not YAML: {inner[0].Message}");
    }

    private ConfigNode? FromFile(ConfigNode name, ConfigPath path, List<string> misses)
    {
        if (name is not ConfigScalar { IsNull: false } scalar)
            return Unreadable(path, name.Location, $"found {name.Describe()}, expected a path");
        if (!System.IO.File.Exists(scalar.Value))
        {
            misses.Add($"file '{scalar.Value}' does not exist");
            return null;
        }

        ConfigNode? value = ConfigFile.Read(scalar.Value, path, name.Location, problems);
        return value is null ? new UnreadableNode(path, name.Location) : Place(value, path);
    }

    private ConfigNode Place(ConfigNode value, ConfigPath path, ConfigLocation? location = null)
    {
        ConfigNode placed = value.MoveTo(path, location);
        ForbidNesting(placed);
        return placed;
    }

    private void ForbidNesting(ConfigNode node)
    {
        if (node is ConfigList list)
        {
            foreach (ConfigNode item in list.Items)
                ForbidNesting(item);
        }
        if (node is not ConfigMap map)
            return;
        foreach (ConfigEntry entry in map.Entries)
        {
            if (LogicalKey(entry.Key) != entry.Key)
            {
                problems.Add(new ConfigProblem(
                    entry.Location,
                    map.KeyPath.Key(entry.Key).ToString(),
                    "a substitution inside a substituted value, expected a plain key"));
            }
            ForbidNesting(entry.Value!);
        }
    }

    private UnreadableNode Unreadable(ConfigPath path, ConfigLocation location, string message)
    {
        problems.Add(new ConfigProblem(location, path.ToString(), message));
        return new UnreadableNode(path, location);
    }

    private static string LogicalKey(string key)
    {
        foreach (string suffix in (ReadOnlySpan<string>)[Env, File, Fallback])
        {
            if (key.Length > suffix.Length && key.EndsWith(suffix, StringComparison.Ordinal))
                return key[..^suffix.Length];
        }
        return key;
    }
}
