using Tideway.Components;

namespace Tideway.Tests.Components;

/// <summary>A component that does what its script says.</summary>
internal abstract class ScriptedComponent : IComponentLifecycle, IAsyncDisposable
{
    private readonly Script _script;

    protected ScriptedComponent(Script script, ComponentContext context)
    {
        _script = script;
        script.Construct?.Invoke(context);
    }

    public async ValueTask OnAllComponentsLoadedAsync(CancellationToken cancellationToken) =>
        await (_script.Loaded?.Invoke(cancellationToken) ?? Task.CompletedTask);

    public async ValueTask OnAllComponentsAreStoppingAsync(CancellationToken deadline) =>
        await (_script.Stopping?.Invoke(deadline) ?? Task.CompletedTask);

    public async ValueTask DisposeAsync() => await (_script.Dispose?.Invoke() ?? Task.CompletedTask);
}

#pragma warning disable CS9113 // The parameters matter only by their types.

/// <summary>Depends on nothing; below it are <see cref="Middle"/> and <see cref="Top"/>.</summary>
internal sealed class Bottom(Script script, ComponentContext context)
    : ScriptedComponent(script, context), INamedComponent
{
    public static string ComponentName => "bottom";
}

/// <summary>Depends on <see cref="Bottom"/>.</summary>
internal sealed class Middle(Script script, ComponentContext context, Bottom bottom)
    : ScriptedComponent(script, context), INamedComponent
{
    public static string ComponentName => "middle";
}

/// <summary>Depends on <see cref="Middle"/>.</summary>
internal sealed class Top(Script script, ComponentContext context, Middle middle)
    : ScriptedComponent(script, context), INamedComponent
{
    public static string ComponentName => "top";
}

/// <summary>Depends on nothing, and nothing depends on it.</summary>
internal sealed class Aside(Script script, ComponentContext context)
    : ScriptedComponent(script, context), INamedComponent
{
    public static string ComponentName => "aside";
}
