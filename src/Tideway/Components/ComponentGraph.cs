using System.Reflection;

namespace Tideway.Components;

/// <summary>Which components are loaded, what each is given, and in which order; known before any is built.</summary>
/// <remarks>Immutable once resolved; safe for any thread.</remarks>
internal sealed class ComponentGraph
{
    private ComponentGraph(IReadOnlyList<ComponentNode> nodes) => Nodes = nodes;

    /// <summary>The components to load, each after those it depends on, else in the order of the list.</summary>
    public IReadOnlyList<ComponentNode> Nodes { get; }

    /// <summary>Resolves what the constructors ask for.</summary>
    /// <param name="components">The list of components.</param>
    /// <param name="configs">The config of each component by name; one that is absent has its defaults, or is not
    /// loaded if it is optional.</param>
    /// <exception cref="ComponentGraphException">Something is missing, ambiguous, circular or mistyped.</exception>
    public static ComponentGraph Resolve(
        IEnumerable<ComponentRegistration> components, IReadOnlyDictionary<string, ComponentConfig> configs)
    {
        var problems = new List<string>();
        var loaded = new List<ComponentNode>();
        var disabled = new List<ComponentRegistration>();
        var absent = new List<ComponentRegistration>();
        foreach (ComponentRegistration component in components)
        {
            if (component.IsOptional && !configs.ContainsKey(component.Name))
            {
                absent.Add(component);
                continue;
            }

            ComponentConfig config = ConfigOf(component, configs, problems);
            if (config.LoadEnabled)
                loaded.Add(new ComponentNode(component, config));
            else
                disabled.Add(component);
        }

        var resolver = new DependencyResolver(loaded, disabled, absent, problems);
        foreach (ComponentNode node in loaded)
            foreach (ComponentParameter parameter in node.Constructor.Parameters)
                node.Link(resolver.Resolve(node, parameter));

        IReadOnlyList<ComponentNode> ordered = DependencyOrder.Of(loaded, problems);
        return problems.Count == 0 ? new ComponentGraph(ordered) : throw new ComponentGraphException(problems);
    }

    /// <summary>Runs a step for every component, as soon as it is done for all that the component depends on.</summary>
    /// <remarks>If a step fails, those that follow from it are not run.</remarks>
    public Task DependenciesFirstAsync(Func<ComponentNode, Task> step) =>
        InOrderAsync(Nodes, node => node.Dependencies, step);

    /// <summary>Runs a step for every component, as soon as it is done for all that depend on the component.</summary>
    /// <remarks>If a step fails, those that follow from it are not run.</remarks>
    public Task DependentsFirstAsync(Func<ComponentNode, Task> step) =>
        InOrderAsync(Nodes.Reverse(), node => node.Dependents, step);

    private static async Task InOrderAsync(
        IEnumerable<ComponentNode> nodes,
        Func<ComponentNode, IReadOnlyCollection<ComponentNode>> earlier,
        Func<ComponentNode, Task> step)
    {
        var steps = new Dictionary<ComponentNode, Task>();
        foreach (ComponentNode node in nodes)
            steps.Add(node, RunAsync(node, [.. earlier(node).Select(other => steps[other])]));
        await Task.WhenAll(steps.Values);

        async Task RunAsync(ComponentNode node, Task[] before)
        {
            await Task.WhenAll(before);
            await step(node);
        }
    }

    private static ComponentConfig ConfigOf(
        ComponentRegistration component, IReadOnlyDictionary<string, ComponentConfig> configs, List<string> problems)
    {
        Type type = component.ConfigType;
        if (configs.TryGetValue(component.Name, out ComponentConfig? config))
        {
            if (!type.IsInstanceOfType(config))
                problems.Add($"Component '{component.Name}' takes {type}, but its config is {config.GetType()}.");
            return config;
        }

        if (type.GetConstructor(Type.EmptyTypes) is { } withDefaults)
            return (ComponentConfig)withDefaults.Invoke(BindingFlags.DoNotWrapExceptions, null, null, null);
        problems.Add($"Component '{component.Name}' has no config, and {type} has no defaults for all of its options.");
        return new NoOptionsConfig();
    }
}
