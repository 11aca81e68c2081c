using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>Starts components: constructs them all, then tells each that all are loaded. Used once.</summary>
/// <remarks>Owns neither the components nor what it was given.</remarks>
internal sealed class ComponentStartup(
    ComponentGraph graph,
    IReadOnlyDictionary<ComponentNode, ComponentInstance> instances,
    TimeProvider timeProvider,
    ILogger logger) : IDisposable
{
    /// <summary>How long components may take to end after a start that failed or was called off.</summary>
    private static readonly TimeSpan _unwindLimit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenSource _unwound = new(Timeout.InfiniteTimeSpan, timeProvider);
    private ComponentException? _failure;

    /// <summary>Is canceled 30 seconds after the start failed or was called off.</summary>
    public CancellationToken UnwindDeadline => _unwound.Token;

    /// <summary>Starts all components; when it throws, no step is running any more but those that overstayed.</summary>
    /// <exception cref="ComponentException">A component failed; of several it is the first.</exception>
    /// <exception cref="OperationCanceledException">The caller called the start off.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long began = timeProvider.GetTimestamp();
        using (cancellationToken.Register(BeginUnwinding))
        using (new SlowStartReport(instances, timeProvider, logger))
        {
            await RunStepsAsync(ConstructAsync);
            await RunStepsAsync(instance => instance.LoadAsync(_over.Token));
        }

        // The caller's token is no longer listened to, so what is decided here stays true.
        if (_failure is not null)
            throw _failure;
        if (_over.IsCancellationRequested)
            throw new OperationCanceledException("The start was called off.", cancellationToken);
        logger.ComponentsStarted(instances.Count, timeProvider.GetElapsedTime(began));
    }

    public void Dispose()
    {
        _over.Dispose();
        _unwound.Dispose();
    }

    private Task ConstructAsync(ComponentInstance instance)
    {
        instance.Construct(instances);
        return Task.CompletedTask;
    }

    private Task RunStepsAsync(Func<ComponentInstance, Task> step) =>
        graph.DependenciesFirstAsync(node => RunStepAsync(instances[node], step));

    private async Task RunStepAsync(ComponentInstance instance, Func<ComponentInstance, Task> step)
    {
        if (_over.IsCancellationRequested)
            return;
        try
        {
            var running = Task.Run(() => step(instance), CancellationToken.None);
            if (await running.EndsInTimeAsync(timeProvider, UnwindDeadline))
                await running;
            else
                logger.ComponentOverstayed(instance.Name, "start");
        }
        catch (Exception exception)
        {
            Fail(instance, exception);
        }
    }

    /// <summary>Ends the start because of a component; one that fails after the end is not the reason for it.</summary>
    private void Fail(ComponentInstance instance, Exception exception)
    {
        var failure = new ComponentException(instance.Name, exception.Message, exception);
        if (_over.IsCancellationRequested || Interlocked.CompareExchange(ref _failure, failure, null) is not null)
        {
            logger.ComponentGaveUp(exception, instance.Name, exception.Message);
            return;
        }

        // What is thrown says all but where in the program a bug is.
        if (!failure.IsEnvironmental)
            logger.ComponentFailed(exception, instance.Name, exception.Message);
        BeginUnwinding();
    }

    /// <summary>Lets nothing more begin, and tells what still runs to give up; does not wait for it.</summary>
    private void BeginUnwinding()
    {
        _unwound.CancelAfter(_unwindLimit);
        _ = _over.CancelAsync();
        foreach (ComponentInstance instance in instances.Values)
            _ = instance.SignalStopAsync();
    }
}
