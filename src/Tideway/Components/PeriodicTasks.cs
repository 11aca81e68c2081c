using System.Diagnostics.Metrics;

namespace Tideway.Components;

/// <summary>The periodic tasks of one service by name, for its metrics and for functional tests.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class PeriodicTasks
{
    private readonly Dictionary<string, PeriodicTask> _tasks = [];
    private readonly IMeterFactory? _meters;
    private HashSet<string> _suspended = [];
    private bool _isMetered;

    /// <summary>Begins without tasks.</summary>
    /// <param name="meters">Where they are measured; null for nowhere.</param>
    public PeriodicTasks(IMeterFactory? meters) => _meters = meters;

    /// <summary>Adds a task, suspended if it is to be.</summary>
    /// <exception cref="InvalidOperationException">Its name is taken.</exception>
    public void Add(PeriodicTask task)
    {
        lock (_tasks)
        {
            if (!_tasks.TryAdd(task.Name, task))
                throw new InvalidOperationException($"There are two periodic tasks named '{task.Name}'.");
            task.IsSuspended = _suspended.Contains(task.Name);
            if (_meters is not null && !_isMetered) Measure(_meters);
        }
    }

    /// <summary>Removes a task.</summary>
    public void Remove(PeriodicTask task)
    {
        lock (_tasks) _tasks.Remove(task.Name);
    }

    /// <summary>Finds a task; null if there is none of the name.</summary>
    public PeriodicTask? Find(string name)
    {
        lock (_tasks) return _tasks.GetValueOrDefault(name);
    }

    /// <summary>The names, for messages.</summary>
    public string[] Names()
    {
        lock (_tasks) return [.. _tasks.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Suspends the tasks of these names, also those that are still to come, and lets all others go
    /// on.</summary>
    public void SuspendOnly(IEnumerable<string> names)
    {
        lock (_tasks)
        {
            _suspended = [.. names];
            foreach (PeriodicTask task in _tasks.Values) task.IsSuspended = _suspended.Contains(task.Name);
        }
    }

    private void Measure(IMeterFactory meters)
    {
        _isMetered = true;
        Meter meter = meters.Create("Tideway");
        meter.CreateObservableCounter(
            "tideway.periodic_task.runs",
            () => Values<long>(task => [Of(task, task.Succeeded, "ok"), Of(task, task.Failed, "failed")]),
            "{run}",
            "Runs of periodic tasks, by `task` and `outcome`: ok or failed");
        meter.CreateObservableGauge(
            "tideway.periodic_task.last_run",
            () => Values<double>(task => [new Measurement<double>(task.LastRun.TotalSeconds, Tag(task))]),
            "s",
            "How long the last run of a periodic task took");
    }

    private Measurement<T>[] Values<T>(Func<PeriodicTask, Measurement<T>[]> values)
        where T : struct
    {
        lock (_tasks) return [.. _tasks.Values.SelectMany(values)];
    }

    private static KeyValuePair<string, object?> Tag(PeriodicTask task) => new("task", task.Name);

    private static Measurement<long> Of(PeriodicTask task, long value, string outcome) =>
        new(value, Tag(task), new KeyValuePair<string, object?>("outcome", outcome));
}
