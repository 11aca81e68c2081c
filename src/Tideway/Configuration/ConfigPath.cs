using System.Globalization;

namespace Tideway.Configuration;

/// <summary>The keys that lead to a node. Parents are shared, so a path costs one small object however deep it
/// is.</summary>
internal sealed class ConfigPath
{
    public static readonly ConfigPath Root = new(null, "");

    private readonly ConfigPath? _parent;
    private readonly string _segment;

    private ConfigPath(ConfigPath? parent, string segment)
    {
        _parent = parent;
        _segment = segment;
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    public int Depth { get; }

    /// <summary>The unit of durations that the nearest name with one ends in: <c>ms</c> for <c>POLL_MS</c>; null when
    /// no name has one.</summary>
    public string? Unit => ConfigDuration.UnitOf(_segment) ?? _parent?.Unit;

    public ConfigPath Key(string key) => new(this, _parent is null ? key : "." + key);

    public ConfigPath Index(int index) => new(this, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));

    public override string ToString() => _parent is null ? "" : _parent + _segment;
}
