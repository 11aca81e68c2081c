namespace Tideway.Components;

/// <summary>Names a component type: the key of its section in the static config.</summary>
/// <remarks>
/// A component is any class that implements this interface and has one public constructor. It is a singleton of the
/// process. What it needs it asks for with the constructor's parameters, in any order:
/// <list type="bullet">
/// <item>its config, a record derived from <see cref="ComponentConfig"/>; none if it has no options;</item>
/// <item>its <see cref="ComponentContext"/>, <see cref="TimeProvider"/>, <c>ILogger</c> (whose category is the
/// component's name) or <c>ILogger&lt;T&gt;</c>;</item>
/// <item>another component, by its class, base class or interface; <see cref="FromComponentAttribute"/> picks one by
/// name; a nullable parameter (<c>Storage?</c>) is null when that component is not loaded;</item>
/// <item><c>IReadOnlyList&lt;T&gt;</c>: all loaded components that are a <c>T</c>, in the order of the list.</item>
/// </list>
/// The components that were asked for are constructed before the asker, and outlive it.
/// </remarks>
public interface INamedComponent
{
    /// <summary>The name of the component, unless it is appended to the list under another one.</summary>
    public static abstract string ComponentName { get; }
}
