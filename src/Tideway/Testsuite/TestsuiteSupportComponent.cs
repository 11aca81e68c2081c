using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace Tideway.Testsuite;

/// <summary>Has what components offer to functional tests: the <c>testsuite-support</c> component.</summary>
/// <remarks>A component that offers something asks for it as nullable: it is null where nothing is tested.</remarks>
/// <param name="config">What is different under a test.</param>
/// <param name="logger">Where what a test left running is reported.</param>
public sealed partial class TestsuiteSupportComponent(TestsuiteSupportConfig config, ILogger logger)
    : INamedComponent, IComponentLifecycle
{
    /// <inheritdoc/>
    public static string ComponentName => "testsuite-support";

    /// <summary>What tests can have updated.</summary>
    public TestsuiteCaches Caches { get; } = new();

    /// <summary>Work that tests start.</summary>
    public TestsuiteTasks Tasks { get; } = new(config.TestsuiteTasksEnabled);

    /// <summary>Whether what can be updated by a test is updated periodically, too.</summary>
    public bool HasPeriodicUpdates => config.TestsuitePeriodicUpdateEnabled;

    /// <inheritdoc/>
    public async ValueTask OnAllComponentsAreStoppingAsync(CancellationToken deadline)
    {
        foreach (TestsuiteTaskRun run in Tasks.TakeAll())
        {
            TaskLeft(logger, run.Id);
            await run.StopAsync(deadline);
        }
    }

    [LoggerMessage(501, LogLevel.Error, "Testsuite task {Task} was spawned by a test and never stopped")]
    private static partial void TaskLeft(ILogger logger, string task);
}
