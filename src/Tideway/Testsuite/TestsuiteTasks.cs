using System.Globalization;

namespace Tideway.Testsuite;

/// <summary>Work that a functional test starts, where the service would start it by itself.</summary>
/// <remarks>
/// A component registers what it does in the background if <see cref="IsEnabled"/>, and starts it otherwise. Safe from
/// any thread.
/// </remarks>
/// <param name="isEnabled">Whether tests start the work.</param>
public sealed class TestsuiteTasks(bool isEnabled)
{
    private readonly Dictionary<string, Registration> _tasks = [];
    private readonly Dictionary<string, TestsuiteTaskRun> _spawned = [];
    private long _lastId;

    /// <summary>Whether tests start the work: <c>testsuite-tasks-enabled</c>.</summary>
    public bool IsEnabled => isEnabled;

    /// <summary>The names of the tasks.</summary>
    internal string[] Names
    {
        get
        {
            lock (_tasks) return [.. _tasks.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Registers work that tests start.</summary>
    /// <param name="name">The name that tests use.</param>
    /// <param name="work">The work; its token is canceled when the test has it stopped.</param>
    /// <returns>Ends the registration when it is disposed.</returns>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public IDisposable Register(string name, Func<CancellationToken, Task> work)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(work);
        var registration = new Registration(this, name, work);
        lock (_tasks)
        {
            if (!_tasks.TryAdd(name, registration))
                throw new InvalidOperationException($"There are two testsuite tasks named '{name}'.");
        }

        return registration;
    }

    /// <summary>Starts a task.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isKnown">Whether there is one of the name.</param>
    /// <returns>The run; null when the task is unknown, or runs already.</returns>
    internal TestsuiteTaskRun? Start(string name, out bool isKnown)
    {
        lock (_tasks)
        {
            isKnown = _tasks.TryGetValue(name, out Registration? task);
            if (task is null || task.Run is { Task.IsCompleted: false }) return null;
            string id = string.Create(CultureInfo.InvariantCulture, $"{name}-{++_lastId}");
            return task.Run = new TestsuiteTaskRun(id, task.Work);
        }
    }

    /// <summary>Keeps a run for a later <see cref="Take"/>.</summary>
    internal void Keep(TestsuiteTaskRun run)
    {
        lock (_tasks) _spawned[run.Id] = run;
    }

    /// <summary>Takes a run that was kept; null if there is none of the id.</summary>
    internal TestsuiteTaskRun? Take(string id)
    {
        lock (_tasks) return _spawned.Remove(id, out TestsuiteTaskRun? run) ? run : null;
    }

    /// <summary>Takes all runs that were kept.</summary>
    internal TestsuiteTaskRun[] TakeAll()
    {
        lock (_tasks)
        {
            TestsuiteTaskRun[] runs = [.. _spawned.Values];
            _spawned.Clear();
            return runs;
        }
    }

    private sealed class Registration(TestsuiteTasks owner, string name, Func<CancellationToken, Task> work)
        : IDisposable
    {
        public Func<CancellationToken, Task> Work => work;

        public TestsuiteTaskRun? Run { get; set; }

        public void Dispose()
        {
            lock (owner._tasks) owner._tasks.Remove(name);
        }
    }
}
