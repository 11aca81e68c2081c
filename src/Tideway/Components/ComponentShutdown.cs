using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>Stops and then disposes all components that were constructed, those that depend on others first.</summary>
/// <param name="graph">The components in their order.</param>
/// <param name="instances">The instance of each component of the graph.</param>
/// <param name="timeProvider">The clock of the process.</param>
/// <param name="logger">Where failures are told; they change nothing.</param>
internal sealed class ComponentShutdown(
    ComponentGraph graph,
    IReadOnlyDictionary<ComponentNode, ComponentInstance> instances,
    TimeProvider timeProvider,
    ILogger logger)
{
    /// <summary>Stops and disposes; never throws.</summary>
    /// <param name="level">The level at which the end is logged.</param>
    /// <param name="deadline">Is canceled when a component that has not ended is waited for no longer.</param>
    public async Task RunAsync(LogLevel level, CancellationToken deadline)
    {
        long began = timeProvider.GetTimestamp();
        await RunStepsAsync(
            instance => instance.Stage is >= ComponentStage.Constructed,
            instance => instance.StopAsync(deadline),
            "stop",
            deadline);

        // A component that still runs is left alone; it ends with the process.
        await RunStepsAsync(
            instance => instance.Stage is ComponentStage.Stopped,
            instance => instance.DisposeAsync().AsTask(),
            "dispose",
            deadline);
        logger.ComponentsStopped(level, timeProvider.GetElapsedTime(began));
    }

    private Task RunStepsAsync(
        Func<ComponentInstance, bool> isDue,
        Func<ComponentInstance, Task> step,
        string verb,
        CancellationToken deadline) =>
        graph.DependentsFirstAsync(
            node => isDue(instances[node]) ? RunStepAsync(instances[node], step, verb, deadline) : Task.CompletedTask);

    private async Task RunStepAsync(
        ComponentInstance instance, Func<ComponentInstance, Task> step, string verb, CancellationToken deadline)
    {
        try
        {
            var running = Task.Run(() => step(instance), CancellationToken.None);
            if (await running.EndsInTimeAsync(timeProvider, deadline))
                await running;
            else
                logger.ComponentOverstayed(instance.Name, verb);
        }
        catch (Exception exception)
        {
            logger.ComponentStopFailed(exception, instance.Name, verb, exception.Message);
        }
    }
}
