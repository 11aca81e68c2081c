namespace Tideway.Components;

/// <summary>Says how the operating system schedules the threads of a task processor.</summary>
public enum OsScheduling
{
    /// <summary>Like other threads.</summary>
    Normal,

    /// <summary>Behind other threads.</summary>
    LowPriority,

    /// <summary>Only when nothing else runs.</summary>
    Idle,
}
