namespace Tideway.Configuration;

/// <summary>A list of values.</summary>
public sealed class ConfigList : ConfigNode
{
    internal ConfigList(ConfigPath keyPath, ConfigLocation location, IReadOnlyList<ConfigNode> items)
        : base(keyPath, location) => Items = items;

    /// <summary>The items, in the order of the file.</summary>
    public IReadOnlyList<ConfigNode> Items { get; }

    internal override string Describe() => "a list";

    internal override ConfigList MoveTo(ConfigPath path, ConfigLocation? location = null) =>
        new(path, location ?? Location, [.. Items.Select((item, i) => item.MoveTo(path.Index(i), location))]);
}
