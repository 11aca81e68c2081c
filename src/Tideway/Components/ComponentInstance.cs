using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>One component of a system: its node in the graph, its object once constructed, and its stage.</summary>
/// <remarks>Steps follow each other, unless one overstays; the stage may be read from any thread.</remarks>
internal sealed class ComponentInstance : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ComponentContext _context;
    private volatile ComponentStage _stage;

    /// <summary>Prepares a component; nothing is constructed yet.</summary>
    /// <param name="node">The component.</param>
    /// <param name="contextOf">Makes its context, from its name and the token that tells it to stop.</param>
    public ComponentInstance(ComponentNode node, Func<string, CancellationToken, ComponentContext> contextOf)
    {
        Node = node;
        _context = contextOf(node.Name, _stopping.Token);
    }

    public ComponentNode Node { get; }

    public string Name => Node.Name;

    public ComponentStage Stage => _stage;

    /// <summary>The component; null until its constructor returned.</summary>
    public object? Component { get; private set; }

    public void Construct(IReadOnlyDictionary<ComponentNode, ComponentInstance> instances)
    {
        _stage = ComponentStage.Constructing;
        object?[] arguments = [.. Node.Constructor.Parameters.Zip(Node.Links, Argument)];
        Component = Node.Constructor.Invoke(arguments);
        _stage = ComponentStage.Constructed;

        object? Argument(ComponentParameter parameter, IReadOnlyList<ComponentNode> links) =>
            ArgumentFor(parameter, [.. links.Select(link => instances[link].Component)]);
    }

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _stage = ComponentStage.Loading;
        if (Component is IComponentLifecycle lifecycle)
            await lifecycle.OnAllComponentsLoadedAsync(cancellationToken);

        // If it overstayed the end of the start, the component is being stopped by now.
        Interlocked.CompareExchange(ref _stage, ComponentStage.Running, ComponentStage.Loading);
    }

    /// <summary>Tells the component to stop, without waiting for it.</summary>
    /// <returns>A task that ends when all who listen to its token have been told.</returns>
    public Task SignalStopAsync() => _stopping.CancelAsync();

    public async Task StopAsync(CancellationToken deadline)
    {
        _stage = ComponentStage.Stopping;
        try
        {
            Task signaled = SignalStopAsync();
            if (Component is IComponentLifecycle lifecycle)
                await lifecycle.OnAllComponentsAreStoppingAsync(deadline);
            await signaled;
        }
        finally
        {
            _stage = ComponentStage.Stopped;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Component is IAsyncDisposable asynchronously)
            await asynchronously.DisposeAsync();
        else
            (Component as IDisposable)?.Dispose();
        _stopping.Dispose();
    }

    private object? ArgumentFor(ComponentParameter parameter, object?[] components) => parameter.Kind switch
    {
        ComponentParameterKind.Config => Node.Config,
        ComponentParameterKind.Context => _context,
        ComponentParameterKind.TimeProvider => _context.TimeProvider,
        ComponentParameterKind.Logger => _context.LoggerFactory.CreateLogger(Name),
        ComponentParameterKind.LoggerOfType => LoggerOf(parameter.Type),
        ComponentParameterKind.AllComponents => ListOf(parameter.Type, components),
        _ => components.SingleOrDefault(),
    };

    private object? LoggerOf(Type type)
    {
        Type logger = typeof(Logger<>).MakeGenericType(type.GetGenericArguments());
        return Activator.CreateInstance(logger, _context.LoggerFactory);
    }

    private static Array ListOf(Type type, object?[] components)
    {
        var list = Array.CreateInstance(type, components.Length);
        components.CopyTo(list, 0);
        return list;
    }
}
