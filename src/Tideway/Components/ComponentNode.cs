namespace Tideway.Components;

/// <summary>One component of the graph that will be loaded, linked to those it was resolved to.</summary>
internal sealed class ComponentNode(ComponentRegistration registration, ComponentConfig config)
{
    private readonly List<IReadOnlyList<ComponentNode>> _links = [];
    private readonly HashSet<ComponentNode> _dependencies = [];
    private readonly HashSet<ComponentNode> _dependents = [];

    public string Name => registration.Name;

    public ComponentConstructor Constructor => registration.Constructor;

    public ComponentConfig Config => config;

    /// <summary>The components that each constructor parameter was resolved to; none for other arguments.</summary>
    public IReadOnlyList<IReadOnlyList<ComponentNode>> Links => _links;

    /// <summary>The components this one needs.</summary>
    public IReadOnlyCollection<ComponentNode> Dependencies => _dependencies;

    /// <summary>The components that need this one.</summary>
    public IReadOnlyCollection<ComponentNode> Dependents => _dependents;

    public bool Is(Type type) => Constructor.ComponentType.IsAssignableTo(type);

    /// <summary>Links the next parameter of the constructor.</summary>
    public void Link(IReadOnlyList<ComponentNode> components)
    {
        _links.Add(components);
        foreach (ComponentNode component in components)
        {
            _dependencies.Add(component);
            component._dependents.Add(this);
        }
    }

    public override string ToString() => Name;
}
