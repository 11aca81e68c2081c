using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tideway.Components;

/// <summary>Gives a component its own name and what the whole process shares.</summary>
/// <remarks>Immutable; safe for any thread. A unit test makes one with <c>new ComponentContext("name")</c>.</remarks>
/// <param name="componentName">The name of the component this context is for.</param>
public sealed class ComponentContext(string componentName)
{
    /// <summary>The name of this component in the list and in the static config.</summary>
    public string ComponentName { get; } = componentName;

    /// <summary>The clock and the timers of the process.</summary>
    /// <remarks>Defaults to <see cref="TimeProvider.System"/>.</remarks>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The threads of the process, as the static config describes them.</summary>
    /// <remarks>Defaults to the defaults of its options.</remarks>
    public ManagerConfig Manager { get; init; } = new();

    /// <summary>Makes loggers of other categories than the component's name.</summary>
    /// <remarks>Defaults to one whose loggers are silent.</remarks>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meters of the service, which its monitor tells apart from those of other services.</summary>
    /// <remarks>Meters live as long as the service; asked twice for a name it gives the same meter. Defaults to a
    /// factory of its own.</remarks>
    public IMeterFactory Meters { get; init; } = new ServiceMeters();

    /// <summary>The assemblies that the components of the process come from.</summary>
    /// <remarks>Defaults to none.</remarks>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];

    /// <summary>Is canceled when this component is to stop: just before its stopping hook is called.</summary>
    /// <remarks>
    /// By then the components that depend on this one have stopped. When a start fails or is canceled, the tokens of
    /// all components are canceled at once, so that a constructor that waits for something can give up.
    /// Defaults to a token that is never canceled.
    /// </remarks>
    public CancellationToken Stopping { get; init; }

    /// <summary>The periodic tasks of the service.</summary>
    internal PeriodicTasks PeriodicTasks { get; init; } = new(null);
}
