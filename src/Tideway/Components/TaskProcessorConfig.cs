using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes a task processor: a named group of threads, each of which runs an event loop.</summary>
public sealed record TaskProcessorConfig
{
    private const string LoopReason = "each thread runs an event loop, which waits for events without spinning";
    private const string NameSuffix = "-task-processor";
    private const int LongestShortName = 5;

    /// <summary>The number of threads.</summary>
    /// <remarks>Defaults to null: one for each processor.</remarks>
    [ConfigKey("worker_threads"), Range(1, 1024)]
    [Description("The number of threads; one for each processor if it is left out.")]
    public int? WorkerThreads { get; init; }

    /// <summary>The name of the threads.</summary>
    /// <remarks>Defaults to null: <c>main-worker</c> for <c>main-task-processor</c>, and so for each name with one to
    /// five characters before <c>-task-processor</c>. Other names need it.</remarks>
    [ConfigKey("thread_name")]
    [Description("The name of the threads; 'x-worker' for a processor named 'x-task-processor', where x has 1 to 5 "
        + "characters. Other processors need it. Threads are numbered: 'x-worker_0', cut to 15 characters.")]
    public string? ThreadName { get; init; }

    /// <summary>Whether the number of threads follows the processor limit of the container.</summary>
    /// <remarks>Defaults to false.</remarks>
    [Description("Takes the number of threads from the variable CPU_LIMIT of the environment; only for the default "
        + "task processor.")]
    public bool GuessCpuLimit { get; init; }

    /// <summary>How the operating system schedules the threads.</summary>
    /// <remarks>Defaults to <see cref="OsScheduling.Normal"/>.</remarks>
    [NoEffect("the scheduling class of a thread is not under control")]
    [Description("How the operating system schedules the threads.")]
    public OsScheduling OsScheduling { get; init; }

    /// <summary>How often an idle thread looks for work before it sleeps.</summary>
    /// <remarks>Defaults to 1000.</remarks>
    [Range(0, int.MaxValue), NoEffect(LoopReason)]
    [Description("How often an idle thread looks for work before it sleeps.")]
    public int SpinningIterations { get; init; } = 1000;

    /// <summary>The kind of queue.</summary>
    /// <remarks>Defaults to <see cref="TaskQueueKind.GlobalTaskQueue"/>.</remarks>
    [NoEffect("each event loop has its own queue")]
    [Description("The kind of queue.")]
    public TaskQueueKind TaskProcessorQueue { get; init; }

    /// <summary>The tracing of context switches.</summary>
    /// <remarks>Defaults to null: off.</remarks>
    [NoEffect("asynchronous methods have no context switches to trace")]
    [Description("Traces the context switches of tasks.")]
    public TaskTraceConfig? TaskTrace { get; init; }

    /// <summary>Derives the name of the threads of a task processor that has this config.</summary>
    /// <param name="taskProcessor">The task processor's name.</param>
    /// <returns><see cref="ThreadName"/>, else the name derived from that of the task processor, else null.</returns>
    public string? ThreadNameFor(string taskProcessor)
    {
        ArgumentNullException.ThrowIfNull(taskProcessor);
        if (ThreadName is not null)
            return ThreadName;
        int length = taskProcessor.Length - NameSuffix.Length;
        bool isShort = length is >= 1 and <= LongestShortName
            && taskProcessor.EndsWith(NameSuffix, StringComparison.Ordinal);
        return isShort ? taskProcessor[..length] + "-worker" : null;
    }
}
