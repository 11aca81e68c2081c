using Tideway.Components;

namespace Tideway.Tests.Components;

/// <summary>The config of a scripted component: what it does at each step of its life.</summary>
internal sealed record Script : ComponentConfig
{
    public Action<ComponentContext>? Construct { get; init; }

    public Func<CancellationToken, Task>? Loaded { get; init; }

    public Func<CancellationToken, Task>? Stopping { get; init; }

    public Func<Task>? Dispose { get; init; }
}
