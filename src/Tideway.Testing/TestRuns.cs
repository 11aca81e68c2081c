using Tideway.Testing.Lifetime;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Tideway.Testing;

/// <summary>Gives a fixture to one test at a time.</summary>
/// <remarks>A test takes it with the first thing that it asks of it, and gives it back at its end. Safe from any
/// thread.</remarks>
internal sealed class TestRuns(string fixture, Func<TestRun, Task> end)
{
    private readonly Lock _lock = new();
    private readonly TestRun _between = new("no test");
    private readonly List<TestRun> _left = [];
    private readonly SemaphoreSlim _leaving = new(1);
    private TestRun? _current;

    /// <summary>What is asked for outside of tests belongs to this.</summary>
    public TestRun Between => _between;

    /// <summary>The test that has the fixture now, or the time between tests.</summary>
    public TestRun Current
    {
        get
        {
            lock (_lock) return _current ?? _between;
        }
    }

    /// <summary>Something is asked of the fixture: by the test that has it, by another one, or by none.</summary>
    /// <exception cref="InvalidOperationException">Another test has the fixture.</exception>
    public TestRun Enter()
    {
        ITestContext context = TestContext.Current;
        if (context.Test is not { } test) return Current;
        var registry = FixtureRegistry.Of(context);
        while (true)
        {
            if (registry.IsCalledOff(test.UniqueID))
            {
                throw new InvalidOperationException(
                    $"'{test.TestDisplayName}' was called off, by its time-out, say: {fixture} belongs to others now.");
            }

            TestRun? other;
            lock (_lock)
            {
                other = _current;
                if (other?.TestId == test.UniqueID) return other;
                if (other is null) return _current = Begin(context, test, registry);
            }

            GiveUp(other, context, registry);
        }
    }

    /// <summary>The method of a test is called now.</summary>
    public void Begin(string testId)
    {
        lock (_lock)
            if (_current?.TestId == testId) _current.Begin();
    }

    /// <summary>A test has ended, if it is the one that has the fixture.</summary>
    /// <param name="testId">Which test; null for whichever it is.</param>
    /// <returns>What it had; null if it did not have the fixture.</returns>
    public async Task<TestRun?> LeaveAsync(string? testId)
    {
        // The end of a test that is called off wakes its method, which ends, too.
        await _leaving.WaitAsync();
        try
        {
            TestRun? run;
            lock (_lock) run = testId is null || _current?.TestId == testId ? _current : null;
            if (run is not null) await EndAsync(run);
            return run;
        }
        finally
        {
            _leaving.Release();
        }
    }

    /// <summary>Ends what the classes of tests have kept open, who have all been disposed of by now.</summary>
    public async Task CloseLeftAsync()
    {
        foreach (TestRun run in _left)
        {
            await run.CloseAsync(ofClass: true);
            foreach (string problem in run.TakeProblems()) _between.Report($"{run.Name}: {problem}");
        }

        _left.Clear();
    }

    private async Task EndAsync(TestRun run)
    {
        try
        {
            await CloseLeftAsync();
            await end(run);
        }
        finally
        {
            if (run.Open(ofClass: true).Count > 0) _left.Add(run);
            lock (_lock) _current = null;
        }
    }

    private static TestRun Begin(ITestContext context, ITest test, FixtureRegistry registry)
    {
        CheckHook(context);
        var run = new TestRun(test.TestDisplayName, test.UniqueID, context.TestCollection?.UniqueID);
        if (registry.IsRunning(test.UniqueID)) run.Begin();
        return run;
    }

    private static void CheckHook(ITestContext context)
    {
        if (context.TestAssembly is not IXunitTestAssembly assembly
            || assembly.BeforeAfterTestAttributes.Any(hook => hook is ServiceTestsAttribute))
        {
            return;
        }

        throw new InvalidOperationException(
            "This assembly has no [assembly: Tideway.Testing.ServiceTests], without which nothing is reset between "
            + "tests. The package adds it, unless GenerateAssemblyInfo is off: write it then.");
    }

    /// <summary>The test before has not ended. It may have failed before its method was called; else two tests run at
    /// once.</summary>
    private void GiveUp(TestRun stale, ITestContext context, FixtureRegistry registry)
    {
        bool isParallel = !registry.IsCalledOff(stale.TestId!)
            && (registry.IsRunning(stale.TestId!) || stale.CollectionId != context.TestCollection?.UniqueID);
        if (isParallel)
        {
            throw new InvalidOperationException(
                $"{fixture} is still in use by the test '{stale.Name}', which runs at the same time. The service, its "
                + "clock and its config are shared, so one test at a time can have it. Give each class a fixture of "
                + "its own with IClassFixture, or put the classes that share one into one collection: [Collection].");
        }

        Task.Run(() => LeaveAsync(stale.TestId!)).GetAwaiter().GetResult();
    }
}
