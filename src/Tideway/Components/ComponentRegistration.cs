namespace Tideway.Components;

/// <summary>Describes one entry of a <see cref="ComponentList"/>. Immutable.</summary>
public sealed class ComponentRegistration
{
    internal ComponentRegistration(string name, Type componentType, bool isOptional = false)
    {
        Name = name;
        IsOptional = isOptional;
        Constructor = ComponentConstructor.Of(componentType);
    }

    /// <summary>The name of the component: the key of its section in the static config.</summary>
    public string Name { get; }

    /// <summary>Whether the component is loaded only when the static config has a section for it.</summary>
    public bool IsOptional { get; }

    /// <summary>The class of the component.</summary>
    public Type ComponentType => Constructor.ComponentType;

    /// <summary>The config record its constructor takes, or <see cref="NoOptionsConfig"/> if it takes none.</summary>
    public Type ConfigType => Constructor.ConfigType;

    internal ComponentConstructor Constructor { get; }
}
