namespace Tideway.Components;

/// <summary>Picks the component for a constructor's parameter by its name, where the type fits several.</summary>
/// <param name="name">The name under which the component is in the list.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromComponentAttribute(string name) : Attribute
{
    /// <summary>The name under which the component is in the list.</summary>
    public string Name { get; } = name;
}
