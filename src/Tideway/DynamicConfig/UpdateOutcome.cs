namespace Tideway.DynamicConfig;

/// <summary>What became of an update.</summary>
internal enum UpdateOutcome
{
    /// <summary>The values were taken, and some variable has another value now.</summary>
    Changed,

    /// <summary>The values were taken, and nothing is different.</summary>
    Unchanged,

    /// <summary>A value is wrong, so none was taken.</summary>
    Refused,

    /// <summary>There were no values to take.</summary>
    Failed,
}
