namespace Tideway.Components;

/// <summary>Lets a component act when all components are loaded, and when they are to stop.</summary>
/// <remarks>
/// Hooks run on the thread pool, those of independent components concurrently. After the stopping hook a component is
/// disposed if it is <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>.
/// </remarks>
public interface IComponentLifecycle
{
    /// <summary>Is called when all components are constructed, after this hook of all it depends on.</summary>
    /// <param name="cancellationToken">Is canceled when the start fails elsewhere or is called off.</param>
    /// <returns>A task that ends when the component is ready; if it fails, the start fails.</returns>
    public ValueTask OnAllComponentsLoadedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Is called when the process stops, after this hook of all that depend on this component.</summary>
    /// <remarks>
    /// It is called for every component whose constructor returned, so after a failed start it may come without
    /// <see cref="OnAllComponentsLoadedAsync"/>. Exceptions are logged and change nothing.
    /// </remarks>
    /// <param name="deadline">Is canceled when the component will be waited for no longer.</param>
    /// <returns>A task that ends when the component has stopped.</returns>
    public ValueTask OnAllComponentsAreStoppingAsync(CancellationToken deadline) => ValueTask.CompletedTask;
}
