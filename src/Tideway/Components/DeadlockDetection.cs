namespace Tideway.Components;

/// <summary>Says whether deadlocks between coroutines are looked for.</summary>
public enum DeadlockDetection
{
    /// <summary>They are not.</summary>
    Disabled,

    /// <summary>They are, and end the process.</summary>
    Enabled,

    /// <summary>They are, and are only reported.</summary>
    DetectOnly,
}
