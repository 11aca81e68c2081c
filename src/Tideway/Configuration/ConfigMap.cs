namespace Tideway.Configuration;

/// <summary>A map of keys to values.</summary>
public sealed class ConfigMap : ConfigNode
{
    private readonly Dictionary<string, ConfigEntry> _byKey;

    internal ConfigMap(ConfigPath keyPath, ConfigLocation location, IReadOnlyList<ConfigEntry> entries)
        : base(keyPath, location)
    {
        Entries = entries;
        _byKey = entries.ToDictionary(entry => entry.Key);
    }

    /// <summary>The keys and their values, in the order of the file.</summary>
    public IReadOnlyList<ConfigEntry> Entries { get; }

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The value, or null when the key is missing or its substitution found nothing.</returns>
    public ConfigNode? this[string key] => Find(key)?.Value;

    /// <summary>Finds the value of a key, or an empty map that stands in its place when the key is missing.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A node to bind a section from that may be left out.</returns>
    public ConfigNode Section(string key) => this[key] ?? new ConfigMap(KeyPath.Key(key), Location, []);

    internal ConfigEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    internal override string Describe() => "a map";

    internal override ConfigMap MoveTo(ConfigPath path, ConfigLocation? location = null) => new(
        path,
        location ?? Location,
        [
            .. Entries.Select(entry => entry with
            {
                Location = location ?? entry.Location,
                Value = entry.Value?.MoveTo(path.Key(entry.Key), location),
            }),
        ]);
}
