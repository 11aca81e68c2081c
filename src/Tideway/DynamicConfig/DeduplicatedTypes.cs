namespace Tideway.DynamicConfig;

/// <summary>Names the updates that tell nobody when they bring what there is.</summary>
public enum DeduplicatedTypes
{
    /// <summary>No updates.</summary>
    None,

    /// <summary>Full updates.</summary>
    OnlyFull,

    /// <summary>Incremental updates.</summary>
    OnlyIncremental,

    /// <summary>All updates.</summary>
    FullAndIncremental,
}
