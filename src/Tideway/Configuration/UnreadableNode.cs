namespace Tideway.Configuration;

/// <summary>Stands where a value could not be read. The problem has been reported, so nothing more is said of
/// it.</summary>
internal sealed class UnreadableNode(ConfigPath keyPath, ConfigLocation location) : ConfigNode(keyPath, location)
{
    internal override string Describe() => "an unreadable value";

    internal override UnreadableNode MoveTo(ConfigPath path, ConfigLocation? location = null) =>
        new(path, location ?? Location);
}
