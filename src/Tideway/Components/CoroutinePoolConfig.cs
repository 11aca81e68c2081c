using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes a pool of coroutine stacks. It is accepted so that existing files work, and changes
/// nothing.</summary>
public sealed record CoroutinePoolConfig
{
    private const string Reason = "asynchronous methods need no stacks of their own";

    /// <summary>The number of coroutines created at the start.</summary>
    /// <remarks>Defaults to 1000.</remarks>
    [ConfigKey("initial_size"), Range(0, int.MaxValue), NoEffect(Reason)]
    [Description("The number of coroutines created at the start.")]
    public int InitialSize { get; init; } = 1000;

    /// <summary>The number of coroutines kept.</summary>
    /// <remarks>Defaults to 4000.</remarks>
    [ConfigKey("max_size"), Range(0, int.MaxValue), NoEffect(Reason)]
    [Description("The number of idle coroutines kept.")]
    public int MaxSize { get; init; } = 4000;

    /// <summary>The size of a stack, in bytes.</summary>
    /// <remarks>Defaults to 262144.</remarks>
    [ConfigKey("stack_size"), Range(0, int.MaxValue), NoEffect(Reason)]
    [Description("The size of a stack in bytes.")]
    public int StackSizeBytes { get; init; } = 262144;

    /// <summary>The number of coroutines cached by each thread.</summary>
    /// <remarks>Defaults to 32.</remarks>
    [ConfigKey("local_cache_size"), Range(0, int.MaxValue), NoEffect(Reason)]
    [Description("The number of coroutines cached by each thread.")]
    public int LocalCacheSize { get; init; } = 32;

    /// <summary>Whether the use of stacks is watched.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("stack_usage_monitor_enabled"), NoEffect(Reason)]
    [Description("Watches the use of stacks.")]
    public bool StackUsageMonitorEnabled { get; init; } = true;

    /// <summary>Whether deadlocks between coroutines are looked for.</summary>
    /// <remarks>Defaults to <see cref="DeadlockDetection.Disabled"/>.</remarks>
    [ConfigKey("deadlock_detector"), NoEffect(Reason)]
    [Description("Looks for deadlocks between coroutines.")]
    public DeadlockDetection DeadlockDetector { get; init; }
}
