namespace Tideway.Components;

/// <summary>How far a component has come; it only ever moves down this list, and may skip stages.</summary>
internal enum ComponentStage
{
    /// <summary>Waits for what it depends on.</summary>
    Waiting,

    /// <summary>Its constructor runs.</summary>
    Constructing,

    /// <summary>Its constructor returned: from here on it is stopped and disposed in the end.</summary>
    Constructed,

    /// <summary>Its hook for the end of loading runs.</summary>
    Loading,

    /// <summary>Its hook for the end of loading succeeded.</summary>
    Running,

    /// <summary>Its stopping hook runs, or has overstayed.</summary>
    Stopping,

    /// <summary>Its stopping hook ended.</summary>
    Stopped,
}
