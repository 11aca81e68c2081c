namespace Tideway.Configuration;

/// <summary>Reads static configs: YAML files whose variables are replaced by their values.</summary>
/// <remarks>All members are safe for concurrent use. Relative paths are relative to the working directory.</remarks>
public static class ConfigLoader
{
    private const string VarsKey = "config_vars";

    /// <summary>Reads a config file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Where variables come from; null for the defaults.</param>
    /// <returns>The root of the config, with substitutions made.</returns>
    /// <exception cref="ConfigException">The file or one it refers to cannot be read.</exception>
    public static ConfigMap Load(string path, ConfigLoadOptions? options = null)
    {
        var problems = new List<ConfigProblem>();
        ConfigMap? root = Load(path, options ?? new ConfigLoadOptions(), problems);
        ConfigException.ThrowIfAny(problems);
        return root!;
    }

    /// <summary>Reads a config file and collects problems, so that those of its sections can be added.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Where variables come from.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <returns>The root of the config as far as it could be read, or null when nothing of it could
    /// be.</returns>
    public static ConfigMap? Load(string path, ConfigLoadOptions options, ICollection<ConfigProblem> problems)
    {
        ConfigLocation file = ConfigLocation.WholeFile(path);
        return Substitute(ConfigFile.Read(path, ConfigPath.Root, file, problems), options, problems);
    }

    /// <summary>Reads a config from text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">The name that locations give to it.</param>
    /// <param name="options">Where variables come from; null for the defaults.</param>
    /// <returns>The root of the config, with substitutions made.</returns>
    /// <exception cref="ConfigException">The text or a file it refers to cannot be read.</exception>
    public static ConfigMap Parse(string yaml, string file = "config.yaml", ConfigLoadOptions? options = null)
    {
        var problems = new List<ConfigProblem>();
        ConfigNode? tree = YamlReader.Read(yaml, file, ConfigPath.Root, problems);
        ConfigMap? root = Substitute(tree, options ?? new ConfigLoadOptions(), problems);
        ConfigException.ThrowIfAny(problems);
        return root!;
    }

    private static ConfigMap? Substitute(
        ConfigNode? tree, ConfigLoadOptions options, ICollection<ConfigProblem> problems)
    {
        if (tree is null || AsMap(tree, problems) is not { } root || ReadVars(root, options, problems) is not { } vars)
            return null;
        return new Substitution(vars, options.EnvironmentVariable, problems).Resolve(root);
    }

    private static ConfigMap? AsMap(ConfigNode tree, ICollection<ConfigProblem> problems)
    {
        if (tree is ConfigMap map)
            return map;
        string message = tree.IsNull ? "the file is empty, expected a map" : $"found {tree.Describe()}, expected a map";
        problems.Add(new ConfigProblem(tree.Location, "", message));
        return null;
    }

    private static ConfigMap? ReadVars(
        ConfigMap root, ConfigLoadOptions options, ICollection<ConfigProblem> problems)
    {
        ConfigMap? vars = options.VarsPath is { } given
            ? ReadVarsFile(given, ConfigLocation.WholeFile(given), problems)
            : root[VarsKey] is ConfigScalar { IsNull: false } named
                ? ReadVarsFile(named.Value, named.Location, problems)
                : new ConfigMap(ConfigPath.Root, root.Location, []);
        if (options.VarsOverridePath is not { } path)
            return vars;
        ConfigMap? replacing = ReadVarsFile(path, ConfigLocation.WholeFile(path), problems);
        return vars is null || replacing is null ? null : Merge(vars, replacing);
    }

    private static ConfigMap? ReadVarsFile(
        string path, ConfigLocation namedAt, ICollection<ConfigProblem> problems)
    {
        ConfigNode? tree = ConfigFile.Read(path, ConfigPath.Root, namedAt, problems);
        return tree switch
        {
            null => null,
            { IsNull: true } => new ConfigMap(ConfigPath.Root, tree.Location, []),
            _ => AsMap(tree, problems),
        };
    }

    private static ConfigMap Merge(ConfigMap vars, ConfigMap replacing) => new(
        ConfigPath.Root,
        vars.Location,
        [.. vars.Entries.Where(entry => replacing.Find(entry.Key) is null), .. replacing.Entries]);
}
