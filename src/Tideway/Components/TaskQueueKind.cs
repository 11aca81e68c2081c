namespace Tideway.Components;

/// <summary>Names the queues that a task processor can have.</summary>
public enum TaskQueueKind
{
    /// <summary>One queue for all threads.</summary>
    GlobalTaskQueue,

    /// <summary>A queue for each thread; idle threads take work from others.</summary>
    WorkStealingTaskQueue,
}
