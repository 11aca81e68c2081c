using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Tideway.Components;

/// <summary>Lists the components a service is made of, each under its own name.</summary>
/// <remarks>
/// The order of the list matters only to those who ask for <c>IReadOnlyList&lt;T&gt;</c>. Not safe for concurrent use.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "A service is said to be a list of components.")]
public sealed class ComponentList : IReadOnlyCollection<ComponentRegistration>
{
    private readonly List<ComponentRegistration> _registrations = [];
    private readonly Dictionary<string, ComponentRegistration> _byName = [];

    /// <summary>The number of components.</summary>
    public int Count => _registrations.Count;

    /// <summary>Appends a component under the name of its type.</summary>
    /// <typeparam name="T">The class of the component.</typeparam>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">The name is taken, or the class cannot be constructed.</exception>
    public ComponentList Append<T>() where T : class, INamedComponent => Append<T>(T.ComponentName);

    /// <summary>Appends a component under a name of its own: another instance of a class, say.</summary>
    /// <typeparam name="T">The class of the component.</typeparam>
    /// <param name="name">The name of this instance.</param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">
    /// The name is empty or taken, or the class cannot be constructed: it is abstract, has not exactly one public
    /// constructor, or has a parameter that no component can be given.
    /// </exception>
    public ComponentList Append<T>(string name) where T : class, INamedComponent
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Append(new ComponentRegistration(name, typeof(T)));
    }

    /// <summary>Appends a component that is loaded only when the static config has a section for it.</summary>
    /// <remarks>So a ready-made list can offer what few services need. A component that is appended under the same name
    /// takes its place.</remarks>
    /// <typeparam name="T">The class of the component.</typeparam>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Append{T}(string)"/>.</exception>
    public ComponentList AppendOptional<T>() where T : class, INamedComponent => AppendOptional<T>(T.ComponentName);

    /// <summary>Appends such a component under a name of its own.</summary>
    /// <typeparam name="T">The class of the component.</typeparam>
    /// <param name="name">The name of this instance.</param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Append{T}(string)"/>.</exception>
    public ComponentList AppendOptional<T>(string name) where T : class, INamedComponent
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Append(new ComponentRegistration(name, typeof(T), isOptional: true));
    }

    /// <summary>Appends all components of another list.</summary>
    /// <param name="components">The other list; it is not changed.</param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">A name is taken; the components before it have been appended.</exception>
    public ComponentList AppendRange(ComponentList components)
    {
        ArgumentNullException.ThrowIfNull(components);
        foreach (ComponentRegistration registration in components._registrations.ToArray())
            Append(registration);
        return this;
    }

    /// <summary>Enumerates the components in the order in which they were appended.</summary>
    /// <returns>The enumerator.</returns>
    public IEnumerator<ComponentRegistration> GetEnumerator() => _registrations.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ComponentList Append(ComponentRegistration registration)
    {
        if (_byName.TryGetValue(registration.Name, out ComponentRegistration? other))
        {
            if (registration.IsOptional == other.IsOptional)
                throw new ArgumentException(
                    $"There are two components named '{registration.Name}' in the list: {registration.ComponentType} " +
                    $"and {other.ComponentType}. Append one of them under another name.");

            // What a service appends itself counts, whichever came first.
            if (registration.IsOptional)
                return this;
            _registrations.Remove(other);
        }

        _byName[registration.Name] = registration;
        _registrations.Add(registration);
        return this;
    }
}
