namespace Tideway.Configuration;

/// <summary>A value of a static config: a <see cref="ConfigMap"/>, <see cref="ConfigList"/> or
/// <see cref="ConfigScalar"/>.</summary>
/// <remarks>Nodes are immutable and safe for any number of readers. They know where they were written, so that
/// every error can say it.</remarks>
public abstract class ConfigNode
{
    private protected ConfigNode(ConfigPath keyPath, ConfigLocation location)
    {
        KeyPath = keyPath;
        Location = location;
    }

    /// <summary>Where the value is written: for a substituted value, where the substitute is.</summary>
    public ConfigLocation Location { get; }

    /// <summary>The keys that lead to the value, such as <c>components_manager.components.server</c>, with
    /// <c>[i]</c> for list items.</summary>
    public string Path => KeyPath.ToString();

    internal ConfigPath KeyPath { get; }

    /// <summary>Whether the node stands for "no value": an absent, empty or null scalar.</summary>
    internal virtual bool IsNull => false;

    /// <summary>Names what is here, for "found ..." in messages.</summary>
    internal abstract string Describe();

    /// <summary>Copies the node to another path, and to another location if one is given.</summary>
    internal abstract ConfigNode MoveTo(ConfigPath path, ConfigLocation? location = null);
}
