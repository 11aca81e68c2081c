using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Transport;
using Tideway.Components;
using Tideway.WebSockets.Engine;

namespace Tideway.Server;

/// <summary>The event loops of a service, by the name of their task processor: the <c>manager-controller</c>.</summary>
/// <remarks>A group starts when somebody asks for it, so a task processor that nobody uses costs no thread. Safe from
/// any thread.</remarks>
/// <param name="context">The threads of the process, the clock and the loggers.</param>
public sealed class TaskProcessors(ComponentContext context) : INamedComponent, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<EventLoopGroup>> _groups = new();
    private readonly ManagerConfig _config = context.Manager;
    private readonly ILogger _logger = context.LoggerFactory.CreateLogger("task-processors");

    /// <inheritdoc/>
    public static string ComponentName => "manager-controller";

    /// <summary>The groups that have started.</summary>
    public IEnumerable<EventLoopGroup> Started =>
        _groups.Values.Where(group => group.IsValueCreated).Select(group => group.Value);

    /// <summary>Finds the loops of a task processor, and starts them if nobody has yet.</summary>
    /// <param name="name">Its name; null for the default one.</param>
    /// <exception cref="InvalidOperationException">There is no such task processor.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no event loops.</exception>
    public EventLoopGroup Get(string? name) =>
        _groups.GetOrAdd(
            name ?? _config.DefaultTaskProcessor, name => new Lazy<EventLoopGroup>(() => Start(name))).Value;

    /// <summary>Ends all loops. What is still connected is reset.</summary>
    public void Dispose()
    {
        foreach (EventLoopGroup group in Started) group.Dispose();
    }

    private EventLoopGroup Start(string name)
    {
        if (!_config.TaskProcessors.TryGetValue(name, out TaskProcessorConfig? config))
        {
            throw new InvalidOperationException(
                $"no task processor '{name}', expected one of {string.Join(", ", _config.TaskProcessors.Keys)}");
        }

        var group = new EventLoopGroup(name, ThreadsOf(name, config), config.ThreadNameFor(name), context.TimeProvider);
        EventLoopReports.Log(group, _logger);
        return group;
    }

    private int ThreadsOf(string name, TaskProcessorConfig config)
    {
        if (config.GuessCpuLimit && name == _config.DefaultTaskProcessor && CpuLimit() is { } limit) return limit;
        return config.WorkerThreads ?? Environment.ProcessorCount;
    }

    /// <summary>Reads the processor limit of the container, such as <c>2.5c</c>; null if it is not given or not
    /// believable.</summary>
    private static int? CpuLimit()
    {
        const int Fewest = 3;
        string? value = Environment.GetEnvironmentVariable("CPU_LIMIT")?.TrimEnd('c');
        if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double limit))
            return null;
        int threads = Math.Max((int)Math.Round(limit, MidpointRounding.AwayFromZero), Fewest);
        return threads < 2 * Environment.ProcessorCount ? threads : null;
    }
}
