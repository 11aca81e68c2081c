namespace Tideway.DynamicConfig;

/// <summary>Names the updates that an updater makes.</summary>
public enum UpdateTypes
{
    /// <summary>All values, every time.</summary>
    OnlyFull,

    /// <summary>All values once, then only what changed.</summary>
    OnlyIncremental,

    /// <summary>What changed, and all values now and then.</summary>
    FullAndIncremental,
}
