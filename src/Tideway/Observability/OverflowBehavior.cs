namespace Tideway.Observability;

/// <summary>Says what happens to a record when the queue of its logger is full.</summary>
public enum OverflowBehavior
{
    /// <summary>The record is dropped and counted; a later line tells how many were.</summary>
    Discard,

    /// <summary>The caller waits until there is room.</summary>
    Block,
}
