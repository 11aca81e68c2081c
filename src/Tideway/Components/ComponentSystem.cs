using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>Runs the components of a process, from their construction to their disposal.</summary>
/// <remarks>
/// All members are safe for any thread. The system owns the components it constructed, and disposes them when it is
/// stopped; the clock and the logger factory remain the caller's.
/// </remarks>
public sealed class ComponentSystem
{
    private readonly ComponentGraph _graph;
    private readonly Dictionary<ComponentNode, ComponentInstance> _instances;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ServiceMeters _meters = new();
    private readonly Lock _lock = new();
    private Task? _stopped;

    private ComponentSystem(
        ComponentGraph graph, ManagerConfig manager, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _graph = graph;
        _timeProvider = timeProvider;
        _logger = loggerFactory.CreateLogger<ComponentSystem>();
        Assembly[] assemblies = [.. graph.Nodes.Select(node => node.Constructor.ComponentType.Assembly).Distinct()];
        var periodicTasks = new PeriodicTasks(_meters);
        _instances = graph.Nodes.ToDictionary(node => node, node => new ComponentInstance(node, ContextOf));

        ComponentContext ContextOf(string name, CancellationToken stopping) => new(name)
        {
            Manager = manager,
            TimeProvider = timeProvider,
            LoggerFactory = loggerFactory,
            Meters = _meters,
            Assemblies = assemblies,
            PeriodicTasks = periodicTasks,
            Stopping = stopping,
        };
    }

    /// <summary>Constructs all components and tells them when all are loaded.</summary>
    /// <remarks>
    /// Each constructor runs on the thread pool as soon as what it asks for is constructed, independent ones in
    /// parallel. When the last has returned, <see cref="IComponentLifecycle.OnAllComponentsLoadedAsync"/> follows in
    /// the same manner. If one of these fails or the start is canceled, nothing more begins, and what was constructed
    /// is stopped and disposed in reverse order, for which there are 30 seconds, before this method throws.
    /// A start that takes longer than 10 seconds is logged, with those that it waits for.
    /// </remarks>
    /// <param name="components">The components to run.</param>
    /// <param name="configs">The config of each component by name; one that is absent has its defaults, or is not
    /// loaded if it is optional.</param>
    /// <param name="timeProvider">The clock of the process.</param>
    /// <param name="loggerFactory">Makes the loggers of the components.</param>
    /// <param name="manager">The threads of the process, for the components' contexts; null for the defaults.</param>
    /// <param name="cancellationToken">Calls the start off.</param>
    /// <returns>The system, all of whose components are running.</returns>
    /// <exception cref="ComponentGraphException">What a component asks for cannot be given; none was built.</exception>
    /// <exception cref="ComponentException">A constructor or a hook failed; of several it is the first.</exception>
    /// <exception cref="OperationCanceledException">The start was called off.</exception>
    public static async Task<ComponentSystem> StartAsync(
        ComponentList components,
        IReadOnlyDictionary<string, ComponentConfig> configs,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory,
        ManagerConfig? manager = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(configs);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        var graph = ComponentGraph.Resolve(components, configs);
        var system = new ComponentSystem(graph, manager ?? new ManagerConfig(), timeProvider, loggerFactory);
        await system.StartAsync(cancellationToken);
        return system;
    }

    /// <summary>Stops and disposes all components, those that depend on others first.</summary>
    /// <remarks>
    /// First <see cref="IComponentLifecycle.OnAllComponentsAreStoppingAsync"/> is called on all, then all are disposed.
    /// Failures are logged and ignored. Further calls wait for the stop that the first one began.
    /// </remarks>
    /// <param name="deadline">
    /// Is canceled when time is up: a component that has not stopped is named in a warning and waited for no longer,
    /// nor is it disposed. Those that come after it still get a second each.
    /// </param>
    /// <returns>A task that ends when the components have stopped or overstayed; it never fails.</returns>
    public Task StopAsync(CancellationToken deadline) => StopAsync(LogLevel.Information, deadline);

    /// <summary>Finds a component of a running system, for tools and tests; components ask by constructor.</summary>
    /// <typeparam name="T">The class of the component, or a base class or interface of it.</typeparam>
    /// <param name="name">The name of the component; null if it is the only one of its type.</param>
    /// <returns>The component; the system remains its owner.</returns>
    /// <exception cref="InvalidOperationException">There is no such component, or several.</exception>
    public T Find<T>(string? name = null) where T : class
    {
        T[] found =
        [
            .. _instances.Values
                .Where(instance => name is null || instance.Name == name)
                .Select(instance => instance.Component)
                .OfType<T>(),
        ];
        string named = name is null ? "" : $" named '{name}'";
        return found is [T component]
            ? component
            : throw new InvalidOperationException($"There are {found.Length} components of {typeof(T)}{named}.");
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        using var startup = new ComponentStartup(_graph, _instances, _timeProvider, _logger);
        try
        {
            await startup.RunAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // After a failure its reason is the news.
            await StopAsync(
                exception is ComponentException ? LogLevel.Debug : LogLevel.Information, startup.UnwindDeadline);
            throw;
        }
    }

    private Task StopAsync(LogLevel level, CancellationToken deadline)
    {
        lock (_lock)
        {
            return _stopped ??= RunShutdownAsync(level, deadline);
        }
    }

    private async Task RunShutdownAsync(LogLevel level, CancellationToken deadline)
    {
        await new ComponentShutdown(_graph, _instances, _timeProvider, _logger).RunAsync(level, deadline);
        _meters.End();
    }
}
