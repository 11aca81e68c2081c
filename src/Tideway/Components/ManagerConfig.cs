using System.ComponentModel;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes <c>components_manager</c>: the threads of the process and the components of the
/// service.</summary>
public sealed record ManagerConfig : IValidatableConfig
{
    private const string DefaultName = "main-task-processor";
    private const string BlockingName = "fs-task-processor";
    private const string StopsAtOnce = "a signal stops the service at once; server.shutdown-timeout bounds the stop";
    private const string TaskProcessorsKey = "task_processors";

    /// <summary>The pool of coroutines.</summary>
    /// <remarks>Defaults to the defaults of its options.</remarks>
    [ConfigKey("coro_pool")]
    [Description("The pool of coroutines.")]
    public CoroutinePoolConfig CoroutinePool { get; init; } = new();

    /// <summary>The pool of event threads.</summary>
    /// <remarks>Defaults to the defaults of its options.</remarks>
    [ConfigKey("event_thread_pool")]
    [Description("The threads that wait for events.")]
    public EventThreadPoolConfig EventThreadPool { get; init; } = new();

    /// <summary>The sections of the components, by component name.</summary>
    /// <remarks>Defaults to an empty map.</remarks>
    [Description("The sections of the components.")]
    public IReadOnlyDictionary<string, ConfigNode> Components { get; init; } = new Dictionary<string, ConfigNode>();

    /// <summary>The task processors, by name.</summary>
    /// <remarks>Defaults to <c>main-task-processor</c> with one thread for each processor and <c>fs-task-processor</c>
    /// with two threads.</remarks>
    [ConfigKey(TaskProcessorsKey)]
    [Description("The groups of threads, by name; main-task-processor and fs-task-processor if it is left out.")]
    public IReadOnlyDictionary<string, TaskProcessorConfig> TaskProcessors { get; init; } =
        new Dictionary<string, TaskProcessorConfig>
        {
            [DefaultName] = new TaskProcessorConfig(),
            [BlockingName] = new TaskProcessorConfig { WorkerThreads = 2 },
        };

    /// <summary>The name of the task processor for components that name none.</summary>
    /// <remarks>Defaults to <c>main-task-processor</c>.</remarks>
    [ConfigKey("default_task_processor")]
    [Description("The task processor for components that name none.")]
    public string DefaultTaskProcessor { get; init; } = DefaultName;

    /// <summary>The name of the task processor for blocking calls.</summary>
    /// <remarks>Defaults to null: <c>fs-task-processor</c> if there is one, else the default task processor.</remarks>
    [ConfigKey("fs_task_processor"), NoEffect("blocking calls of the framework run on the thread pool of the runtime")]
    [Description("The task processor for blocking calls; fs-task-processor if there is one, else the default one.")]
    public string? FsTaskProcessor { get; init; }

    /// <summary>Whether debug information is kept in memory.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("mlock_debug_info"), NoEffect("the runtime keeps what stack traces need")]
    [Description("Keeps debug information in memory.")]
    public bool LockDebugSymbols { get; init; } = true;

    /// <summary>Whether the cache of program headers is off.</summary>
    /// <remarks>Defaults to false.</remarks>
    [ConfigKey("disable_phdr_cache"), NoEffect("the runtime has no such cache")]
    [Description("Turns the cache of program headers off.")]
    public bool DisableProgramHeaderCache { get; init; }

    /// <summary>Whether the first stack trace is taken at the start.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("preheat_stacktrace_collector"), NoEffect("the runtime needs no preparation for stack traces")]
    [Description("Takes a stack trace at the start, so that the first one in use is fast.")]
    public bool PreheatStackTraces { get; init; } = true;

    /// <summary>How the sections of components are checked.</summary>
    /// <remarks>Defaults to the defaults of its options.</remarks>
    [ConfigKey("static_config_validation")]
    [Description("How the sections of components are checked.")]
    public ConfigCheckConfig StaticConfigValidation { get; init; } = new();

    /// <summary>How long requests are served as before after a signal to stop.</summary>
    /// <remarks>Defaults to null: <see cref="GracefulShutdownInterval"/>.</remarks>
    [ConfigKey("graceful_shutdown_continue_accepting_requests_interval"), NoEffect(StopsAtOnce)]
    [Description("How long requests are served as before after a signal to stop; graceful_shutdown_interval if it is "
        + "left out.")]
    public TimeSpan? ContinueAcceptingRequestsInterval { get; init; }

    /// <summary>How long pending requests may take to end once no more are accepted.</summary>
    /// <remarks>Defaults to null: <see cref="GracefulShutdownInterval"/>.</remarks>
    [ConfigKey("graceful_shutdown_pending_requests_completion_interval"), NoEffect(StopsAtOnce)]
    [Description("How long pending requests may take to end at a stop; graceful_shutdown_interval if it is left out.")]
    public TimeSpan? PendingRequestsCompletionInterval { get; init; }

    /// <summary>The value of the two intervals that are not given.</summary>
    /// <remarks>Defaults to zero: the service stops at once.</remarks>
    [ConfigKey("graceful_shutdown_interval"), NoEffect(StopsAtOnce)]
    [Description("The value of the two intervals above where they are left out. Prefer those.")]
    public TimeSpan GracefulShutdownInterval { get; init; }

    /// <summary>The name of the task processor for blocking calls, with the default resolved.</summary>
    public string BlockingTaskProcessor =>
        FsTaskProcessor ?? (TaskProcessors.ContainsKey(BlockingName) ? BlockingName : DefaultTaskProcessor);

    /// <summary>How long requests are served as before after a signal to stop, with the default
    /// resolved.</summary>
    public TimeSpan AcceptingPeriod => ContinueAcceptingRequestsInterval ?? GracefulShutdownInterval;

    /// <summary>How long pending requests may take to end, with the default resolved.</summary>
    public TimeSpan CompletionPeriod => PendingRequestsCompletionInterval ?? GracefulShutdownInterval;

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        foreach ((string name, TaskProcessorConfig processor) in TaskProcessors)
        {
            if (processor.ThreadNameFor(name) is null)
            {
                section.Report(
                    $"field is missing, expected a string: only names such as '{DefaultName}', with 1 to 5 characters "
                    + "before '-task-processor', imply it",
                    TaskProcessorsKey, name, "thread_name");
            }
        }
        CheckExists(section, DefaultTaskProcessor, "default_task_processor");
        CheckExists(section, FsTaskProcessor, "fs_task_processor");
    }

    /// <summary>Reports a task processor that does not exist, at the option that names it.</summary>
    internal void CheckExists(ConfigValidation section, string? name, params ReadOnlySpan<string> keys)
    {
        if (name is null || TaskProcessors.ContainsKey(name))
            return;
        string known = string.Join(", ", TaskProcessors.Keys);
        section.Report(
            $"no task processor '{name}' in {TaskProcessorsKey}, expected one of {known}"
            + NearestName.Hint(name, TaskProcessors.Keys),
            keys);
    }
}
